#ifndef RAW_VALUES_H
#define RAW_VALUES_H

#include <cstddef>
#include <string>

#ifdef __INTELFPGA_COMPILER__
#include "HLS/ac_fixed.h"
#include "HLS/ac_int.h"
#else
#include "ac_fixed.h"
#include "ac_int.h"
#endif

// Sets a number of W bits from its raw value, which is the number times 2^F, in decimal.
template <int W, typename T>
void set_raw(T &number, const std::string &text) {
    const bool negative = text[0] == '-';
    ac_int<W + 1, true> value = 0;
    for (std::size_t at = negative ? 1 : 0; at < text.size(); at++) {
        value = value * 10 + (text[at] - '0');
    }
    if (negative) {
        value = -value;
    }
    const ac_int<W, false> pattern = value;
    number.set_slc(0, pattern);
}

// The raw value of a number of W bits in decimal.
template <int W, bool SIGNED, typename T>
std::string raw(const T &number) {
    const ac_int<W, SIGNED> pattern = number.template slc<W>(0);
    ac_int<W + 1, true> value = pattern;
    const bool negative = value < 0;
    std::string digits;
    do {
        const ac_int<W + 1, true> rest = value % 10;
        const int digit = rest.to_int();
        digits.insert(digits.begin(), static_cast<char>('0' + (negative ? -digit : digit)));
        value = value / 10;
    } while (value != 0);
    return negative ? "-" + digits : digits;
}

#endif
