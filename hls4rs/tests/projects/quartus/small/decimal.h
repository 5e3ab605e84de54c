#ifndef HLS4RS_DECIMAL_H
#define HLS4RS_DECIMAL_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Whole numbers of any width in two's complement: words of 32 bits, the lowest first.
typedef std::vector<std::uint32_t> Words;

inline void negate(Words &words) {
    std::uint64_t carry = 1;
    for (std::size_t i = 0; i < words.size(); i++) {
        carry += static_cast<std::uint32_t>(~words[i]);
        words[i] = static_cast<std::uint32_t>(carry);
        carry >>= 32;
    }
}

// Reads a decimal number.
inline Words from_decimal(const std::string &text, std::size_t size) {
    const bool negative = text[0] == '-';
    Words words(size, 0);
    for (std::size_t at = negative ? 1 : 0; at < text.size(); at++) {
        std::uint64_t carry = static_cast<std::uint64_t>(text[at] - '0');
        for (std::size_t i = 0; i < size; i++) {
            carry += 10 * static_cast<std::uint64_t>(words[i]);
            words[i] = static_cast<std::uint32_t>(carry);
            carry >>= 32;
        }
    }
    if (negative) {
        negate(words);
    }
    return words;
}

// Writes a number in decimal; its magnitude if it is negative.
inline std::string to_decimal(Words words, bool negative) {
    if (negative) {
        negate(words);
    }
    std::string digits;
    bool rest = true;
    while (rest) {
        std::uint64_t remainder = 0;
        rest = false;
        for (std::size_t i = words.size(); i-- > 0;) {
            remainder = (remainder << 32) | words[i];
            words[i] = static_cast<std::uint32_t>(remainder / 10);
            remainder %= 10;
            rest = rest || words[i] != 0;
        }
        digits.insert(digits.begin(), static_cast<char>('0' + remainder));
    }
    return negative ? "-" + digits : digits;
}

#endif
