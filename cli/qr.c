/* SPDX-License-Identifier: Apache-2.0 */
/* cli/qr.c - QR codes for a camera, by libqrencode: two rows of the code in a line of text. */
#include <qrencode.h>
#include <stdio.h>

#include "cli/account.h"

#define QUIET 4 /* modules of light around the code: ISO/IEC 18004 */

/* Light where nothing is: the colours say what is light, whatever the terminal's background is. */
static bool is_dark(const QRcode *code, int x, int y)
{
	return x >= 0 && y >= 0 && x < code->width && y < code->width &&
	       code->data[y * code->width + x] & 1;
}

bool account_print_qr(const char *text)
{
	/* upper half dark, lower half dark */
	static const char *const blocks[2][2] = { { " ", "\u2584" }, { "\u2580", "\u2588" } };
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);

	if (!code)
		return false;
	for (int y = -QUIET; y < code->width + QUIET; y += 2) {
		printf("\x1b[30;107m"); /* black on bright white */
		for (int x = -QUIET; x < code->width + QUIET; x++)
			fputs(blocks[is_dark(code, x, y)][is_dark(code, x, y + 1)], stdout);
		printf("\x1b[0m\n");
	}
	QRcode_free(code);
	return true;
}
