// Writes common/text/unicode_tables.cc: what Go's package unicode knows of every character, so that
// our letters, cases and printable characters are those of the programs we have to agree with.
//
//	go run tools/record/unicode_tables.go > common/text/unicode_tables.cc
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"fmt"
	"strings"
	"unicode"
)

// Writes items separated by blanks, in lines of at most 100 columns.
func wrap(items []string) {
	line := "   "
	for _, item := range items {
		if len(line)+1+len(item) > 100 {
			fmt.Println(line)
			line = "   "
		}
		line += " " + item
	}
	fmt.Println(line)
}

func ranges(name string, has func(rune) bool) {
	var items []string
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !has(r) {
			continue
		}
		first := r
		for r < unicode.MaxRune && has(r+1) {
			r++
		}
		items = append(items, fmt.Sprintf("{0x%x, 0x%x},", first, r))
	}
	fmt.Printf("constexpr Range %sRanges[] = {\n", name)
	wrap(items)
	fmt.Printf("};\nconst std::span<const Range> %s = %sRanges;\n\n", name, name)
}

// Runs of characters, each next to the last or one apart, that map by the same distance.
func mapping(name string, to func(rune) rune) {
	type run struct{ first, last, step, delta rune }
	var runs []run
	for r := rune(0); r <= unicode.MaxRune; r++ {
		delta := to(r) - r
		if delta == 0 {
			continue
		}
		if n := len(runs); n > 0 && runs[n-1].delta == delta {
			last := &runs[n-1]
			step := r - last.last
			if (last.first == last.last && step <= 2) || step == last.step {
				last.last, last.step = r, step
				continue
			}
		}
		runs = append(runs, run{r, r, 1, delta})
	}
	var items []string
	for _, r := range runs {
		items = append(items, fmt.Sprintf("{0x%x, 0x%x, %d, %d},", r.first, r.last, r.step, r.delta))
	}
	fmt.Printf("constexpr CaseRun %sRuns[] = {\n", name)
	wrap(items)
	fmt.Printf("};\nconst std::span<const CaseRun> %s = %sRuns;\n\n", name, name)
}

func main() {
	fmt.Print(strings.TrimLeft(`
// Written by tools/record/unicode_tables.go from Unicode `+unicode.Version+`. Do not edit.

// SPDX-License-Identifier: Apache-2.0
#include "common/text/unicode_tables.h"

// clang-format off
namespace sluice::text {

`, "\n"))
	ranges("kLetters", unicode.IsLetter)
	ranges("kDigits", unicode.IsDigit)
	ranges("kPrintable", unicode.IsPrint)
	ranges("kNumbers", unicode.IsNumber)
	ranges("kPunctuation", unicode.IsPunct)
	// Upper and lower case often take turns, so that every second character has one.
	mapping("kUpperCase", func(r rune) rune {
		if unicode.IsUpper(r) {
			return r + 1
		}
		return r
	})
	mapping("kToUpper", unicode.ToUpper)
	mapping("kToLower", unicode.ToLower)
	fmt.Print("}  // namespace sluice::text\n")
}
