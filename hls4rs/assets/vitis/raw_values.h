#ifndef RAW_VALUES_H
#define RAW_VALUES_H

#include <cstddef>
#include <string>

#include "ap_fixed.h"
#include "ap_int.h"

// Sets a number of W bits from its raw value, which is the number times 2^F, in decimal.
template <int W, typename T>
void set_raw(T &number, const std::string &text) {
    const bool negative = text[0] == '-';
    ap_int<W + 1> value = 0;
    for (std::size_t at = negative ? 1 : 0; at < text.size(); at++) {
        value = value * 10 + (text[at] - '0');
    }
    if (negative) {
        value = -value;
    }
    const ap_uint<W> pattern = value;
    number.range(W - 1, 0) = pattern;
}

// The raw value of a number of W bits in decimal.
template <int W, bool SIGNED, typename T>
std::string raw(const T &number) {
    const ap_uint<W> pattern = number.range(W - 1, 0);
    ap_int<W + 1> value = pattern;
    if (SIGNED) {
        value = ap_int<W>(pattern);
    }
    const bool negative = value < 0;
    std::string digits;
    do {
        const int digit = ap_int<W + 1>(value % 10).to_int();
        digits.insert(digits.begin(), static_cast<char>('0' + (negative ? -digit : digit)));
        value = value / 10;
    } while (value != 0);
    return negative ? "-" + digits : digits;
}

#endif
