# SPDX-License-Identifier: Apache-2.0
"""The figures: a table for each, printed when it is complete, with its bars compared."""

import statistics

from bars import bars_of
from figures import differences, ratios, summary

OURS = "Lanyard"
NOT_MEASURED = "not measured"


class Report:
    def __init__(self):
        self.figures, self.bars, self.notes = [], [], []
        self.part = None

    def begin(self, part, title):
        self.part = part
        print(f"\n{part}: {title}", flush=True)

    def figure(self, name, unit, ways, valid=True):
        """ways: {name of a way: its figure of each round}.  A bar is missed if not valid."""
        entry = {"part": self.part, "name": name, "unit": unit, "ways": {}}
        print(f"\n  {name + ', ' + unit:40}{'median':>10}{'from':>10}{'to':>10}"
              + (f"   {OURS} is" if OURS in ways and len(ways) > 1 else ""))
        for way, rounds in ways.items():
            entry["ways"][way] = row = summary(rounds)
            row["ours_over_it"] = self._ratio(ways, way)
            print(f"    {way:38}{_number(row['median'])}{_number(row['min'])}"
                  f"{_number(row['max'])}"
                  + (f"   {row['ours_over_it']:.2f} x" if row["ours_over_it"] else ""))
        self.figures.append(entry)
        for bar in bars_of(self.part, name):
            self._compare(bar, ways, valid)

    def end(self, part):
        """A bar whose figure was not there is not forgotten."""
        compared = {(bar["part"], bar["figure"]) for bar in self.bars}
        for bar in bars_of(part):
            if (bar.part, bar.figure) not in compared:
                self._record(bar, None, NOT_MEASURED)

    @staticmethod
    def _ratio(ways, way):
        if OURS not in ways or way == OURS:
            return None
        return statistics.median(ratios(ways[OURS], ways[way]))

    def _compare(self, bar, ways, valid):
        if bar.against is not None and bar.against not in ways:
            result, value = NOT_MEASURED, None
        else:
            value = bar.value(self._against(bar, ways))
            result = "met" if valid and bar.met(value) else "MISSED"
        self._record(bar, value, result)

    def _record(self, bar, value, result):
        print(f"      bar {bar}: {_short(value)}{result}", flush=True)
        self.bars.append({"part": bar.part, "figure": bar.figure, "bar": str(bar), "value": value,
                          "result": result})

    @staticmethod
    def _against(bar, ways):
        if bar.against is None:
            return ways[OURS]
        return (differences if bar.added else ratios)(ways[OURS], ways[bar.against])

    def note(self, text, **values):
        """What else is worth knowing of a part; values go into the JSON."""
        self.notes.append({"part": self.part, "text": text, **values})
        print(f"  {text}", flush=True)

    def print_bars(self):
        print()
        for bar in self.bars:
            print(f"  {bar['part']}, {bar['figure']}, bar {bar['bar']}: {_short(bar['value'])}"
                  f"{bar['result']}")


def _short(value):
    return "" if value is None else f"{_number(value).strip()} "


def _number(value):
    return f"{value:10.0f}" if abs(value) >= 1000 else f"{value:10.3f}"
