/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/base/test_pcapng.c - blocks byte for byte, read again, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/pcapng.h"
#include "hex.h"

#define SECTION "0a0d0d0a 00000028 1a2b3c4d 0001 0000 ffffffffffffffff "
#define LAN "00000001 00000028 0001 0000 00040000 0002 0003 6c616e00 0009 0001 09000000 "
#define FRAME "00000006 0000003c 00000001 00000001 00000002 0000000e 00000dea "
#define ETHER "333300000001 020000000002 86dd 0000 "
#define FLAGS(direction) "0002 0004 0000000" direction " "
#define END "0000 0000 "
#define STATISTICS "00000005 00000034 00000000 0000000a 0000000b "
#define COUNTED "0004 0008 000000000000000c 0005 0008 000000000000000d "

static void blocks_are_as_the_draft_says(void **state)
{
	static const char golden[] = SECTION "0004 0003 6d6531 00 " END "00000028 " LAN END
					     "00000028 " FRAME ETHER FLAGS("2") END
		"0000003c " STATISTICS COUNTED END "00000034";
	uint8_t wanted_bytes[256], built_bytes[256], frame[14];
	struct bytes wanted = hex(golden, wanted_bytes, sizeof(wanted_bytes));
	struct writer w = writer_over(built_bytes, sizeof(built_bytes));

	pcapng_write_section(&w, "me1");
	pcapng_write_interface(&w, "lan", "", PCAPNG_SNAPLEN);
	pcapng_write_packet(&w,
			    &(struct pcapng_packet) {
				    .interface = 1,
				    .time_ns = 0x100000002,
				    .original_len = 0xdea,
				    .direction = PCAPNG_OUT,
				    .bytes = hex("333300000001 020000000002 86dd", frame, 14) });
	pcapng_write_statistics(&w, &(struct pcapng_statistics) { 0, 0xa0000000bull, 12, 13 });
	assert_false(w.full);
	assert_int_equal(w.len, wanted.len);
	assert_memory_equal(w.buf, wanted.data, wanted.len);
}

static void a_filter_is_text_behind_its_kind(void **state)
{
	uint8_t wanted[96], built[96];
	struct bytes golden = hex("00000001 00000030 0001 0000 00000060 0002 0001 61000000 "
				  "0009 0001 09000000 000b 0004 00617270 0000 0000 00000030",
				  wanted, sizeof(wanted));
	struct writer w = writer_over(built, sizeof(built));

	pcapng_write_interface(&w, "a", "arp", 96);
	assert_int_equal(w.len, golden.len);
	assert_memory_equal(built, wanted, golden.len);
}

static void what_was_built_is_read(void **state)
{
	static const uint8_t frame[61] = { 1, 2, 3 };

	for (size_t len = 0; len <= sizeof(frame); len++) {
		uint8_t buf[512];
		struct writer w = writer_over(buf, sizeof(buf));
		struct pcapng_packet packet = {
			7, UINT64_MAX - len, 4000, PCAPNG_IN, { frame, len }
		};
		struct pcapng_block block;

		pcapng_write_packet(&w, &packet);
		struct reader r = reader_over(writer_bytes(&w));
		assert_true(pcapng_read(&r, &block));
		assert_int_equal(block.kind, PCAPNG_PACKET);
		assert_int_equal(block.packet.interface, 7);
		assert_int_equal(block.packet.time_ns, UINT64_MAX - len);
		assert_int_equal(block.packet.original_len, 4000);
		assert_int_equal(block.packet.direction, PCAPNG_IN);
		assert_int_equal(block.packet.bytes.len, len);
		assert_memory_equal(block.packet.bytes.data, frame, len);
		assert_int_equal(block.whole.len, w.len);
		assert_int_equal(r.left, 0);
	}
}

static const struct {
	const char *what, *bytes;
	bool bad, read;
	enum pcapng_kind kind;
} rows[] = {
	{ "nothing", "", false, false, 0 },
	{ "half a head", "0a0d0d0a 0000", false, false, 0 },
	{ "a block that is not all there", SECTION, false, false, 0 },
	{ "a section", "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c", false,
	  true, PCAPNG_SECTION },
	{ "the other byte order", "0a0d0d0a 0000001c 4d3c2b1a 0001 0000 ffffffffffffffff 0000001c",
	  true, false, 0 },
	{ "another version", "0a0d0d0a 0000001c 1a2b3c4d 0002 0000 ffffffffffffffff 0000001c", true,
	  false, 0 },
	{ "an interface that is no Ethernet", "00000001 00000014 0071 0000 00040000 00000014", true,
	  false, 0 },
	{ "an interface without name", "00000001 00000014 0001 0000 00040000 00000014", false, true,
	  PCAPNG_INTERFACE },
	{ "a kind that is not known", "00000004 00000010 00000000 00000010", false, true,
	  PCAPNG_OTHER },
	{ "lengths that differ", "00000004 00000010 00000000 00000014", true, false, 0 },
	{ "less than a head and a tail", "00000004 00000008 00000008", true, false, 0 },
	{ "no multiple of four", "00000004 0000000d 00 0000000d", true, false, 0 },
	{ "more than a frame can be", "00000006 00100000", true, false, 0 },
	{ "a frame longer than its block",
	  "00000006 00000020 00000000 00000000 00000000 00000001 00000001 00000020", true, false,
	  0 },
	{ "an option longer than its block",
	  "00000001 00000018 0001 0000 00040000 0002 0009 00000018", true, false, 0 },
	{ "flags that are too short",
	  "00000006 00000028 00000000 00000000 00000000 00000000 00000000 0002 0000 0000 0000 "
	  "00000028",
	  false, true, PCAPNG_PACKET },
};

static void what_is_none_is_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[64];
		struct reader r = reader_over(hex(rows[i].bytes, buf, sizeof(buf)));
		size_t left = r.left;
		struct pcapng_block block;
		bool read = pcapng_read(&r, &block);

		if (read != rows[i].read || r.bad != rows[i].bad)
			fail_msg("%s: read %d, bad %d", rows[i].what, read, r.bad);
		if (read && block.kind != rows[i].kind)
			fail_msg("%s: kind %d", rows[i].what, block.kind);
		if (!read && !r.bad && r.left != left)
			fail_msg("%s: the reader moved", rows[i].what);
	}
}

static void a_block_without_room_is_none(void **state)
{
	uint8_t buf[64];

	for (size_t cap = 0; cap < 40; cap++) {
		struct writer w = writer_over(buf, cap);

		pcapng_write_interface(&w, "lan", "", PCAPNG_SNAPLEN);
		assert_true(w.full);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_as_the_draft_says),
		cmocka_unit_test(a_filter_is_text_behind_its_kind),
		cmocka_unit_test(what_was_built_is_read),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(a_block_without_room_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
