#ifndef HLS4RS_RAW_VALUES_H
#define HLS4RS_RAW_VALUES_H

#include "decimal.h"
#include "firmware/defines.h"

// Sets a number of W bits from its raw value, which is the number times 2^F, in decimal.
template <int W, typename T>
void set_raw(T &number, const std::string &text) {
    const Words words = from_decimal(text, (W + 31) / 32);
    for (int low = 0; low < W; low += 32) {
        const int high = low + 32 < W ? low + 31 : W - 1;
        const unsigned mask = high - low == 31 ? ~0u : (1u << (high - low + 1)) - 1;
        number.range(high, low) = words[low / 32] & mask;
    }
}

// The raw value of a number of W bits in decimal.
template <int W, bool SIGNED, typename T>
std::string raw(const T &number) {
    const bool negative = SIGNED && number.range(W - 1, W - 1).to_uint() == 1;
    Words words((W + 31) / 32, 0);
    for (int low = 0; low < W; low += 32) {
        const int high = low + 32 < W ? low + 31 : W - 1;
        words[low / 32] = number.range(high, low).to_uint();
        if (negative && high - low < 31) {
            words[low / 32] |= ~0u << (high - low + 1);
        }
    }
    return to_decimal(words, negative);
}

#endif
