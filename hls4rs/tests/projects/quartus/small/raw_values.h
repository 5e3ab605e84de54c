#ifndef HLS4RS_RAW_VALUES_H
#define HLS4RS_RAW_VALUES_H

#include "decimal.h"
#include "firmware/defines.h"

// Sets a number of W bits from its raw value, which is the number times 2^F, in decimal.
template <int W, typename T>
void set_raw(T &number, const std::string &text) {
    const int LAST = (W - 1) / 32 * 32;
    const Words words = from_decimal(text, (W + 31) / 32);
    for (int low = 0; low < LAST; low += 32) {
        number.set_slc(low, ac_int<32, false>(words[low / 32]));
    }
    number.set_slc(LAST, ac_int<W - LAST, false>(words[LAST / 32]));
}

// The raw value of a number of W bits in decimal.
template <int W, bool SIGNED, typename T>
std::string raw(const T &number) {
    const int LAST = (W - 1) / 32 * 32;
    Words words((W + 31) / 32, 0);
    for (int low = 0; low < LAST; low += 32) {
        words[low / 32] = static_cast<std::uint32_t>(number.template slc<W < 32 ? W : 32>(low).to_int());
    }
    const ac_int<W - LAST, SIGNED> last = number.template slc<W - LAST>(LAST);
    words[LAST / 32] = static_cast<std::uint32_t>(last.to_int());
    return to_decimal(words, SIGNED && last < 0);
}

#endif
