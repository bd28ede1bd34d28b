// text_scan.hpp: finding the bytes in a text that need care, sixteen at a time where the machine
// can.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__SSE2__) && defined(__x86_64__)
#define CAPNWEB_SCAN_SSE2 1
#include <emmintrin.h>
#else
#define CAPNWEB_SCAN_SSE2 0
#endif

namespace capnweb {
namespace scan {

// Both are classes of bytes: one byte at a time, and, on SSE2, a mask of sixteen.

// What cannot simply be copied from or to a JSON string: the quote, the backslash, control
// characters, and everything that is not ASCII.
struct NotPlainJson {
  static bool matches(char c) noexcept {
    // As a signed number, a byte that is not ASCII is negative.
    return static_cast<signed char>(c) < 0x20 || c == '"' || c == '\\';
  }
#if CAPNWEB_SCAN_SSE2
  static __m128i matches(__m128i bytes) noexcept {
    const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                       _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    return _mm_or_si128(marks, _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)));
  }
#endif
};

struct NotAscii {
  static bool matches(char c) noexcept { return static_cast<signed char>(c) < 0; }
#if CAPNWEB_SCAN_SSE2
  static __m128i matches(__m128i bytes) noexcept { return bytes; }
#endif
};

struct NotDigit {
  static bool matches(char c) noexcept { return c < '0' || c > '9'; }
#if CAPNWEB_SCAN_SSE2
  static __m128i matches(__m128i bytes) noexcept {
    // Digits become the greatest signed numbers there are.
    return _mm_cmplt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8(127 - '9')), _mm_set1_epi8(118));
  }
#endif
};

// Whether looking at many bytes at once pays.
inline constexpr bool kIsWide = CAPNWEB_SCAN_SSE2 != 0;

// Where bytes of the class are, in a text that is walked through: 64 are looked at together, so the
// steps from one to the next wait for no memory.
template <class Class>
class Marks {
 public:
  static constexpr std::ptrdiff_t kReach = 64;
  static constexpr std::ptrdiff_t kSure = 16;

  // REQUIRES: nothing before `begin` is asked for.
  explicit Marks(const char* begin) noexcept : seen_(begin) {}

  // A bit for each byte from `p` on, kSure of them at least; zeros behind those that have been
  // looked at. REQUIRES: kReach bytes can be read; `p` is not before that of the last call.
  std::uint64_t from(const char* p) noexcept {
    if (seen_ - p < kSure) look_at(p);
    return marks_ >> (kReach - (seen_ - p));
  }

 private:
  void look_at(const char* p) noexcept {
    marks_ = 0;
#if CAPNWEB_SCAN_SSE2
    for (int i = 0; i < kReach; i += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
      const auto mask = static_cast<unsigned>(_mm_movemask_epi8(Class::matches(bytes)));
      marks_ |= std::uint64_t{mask} << i;
    }
#else
    for (int i = 0; i < kReach; ++i) marks_ |= std::uint64_t{Class::matches(p[i])} << i;
#endif
    seen_ = p + kReach;
  }

  std::uint64_t marks_ = 0;
  const char* seen_;
};

// The first byte of the class in [p, end), or `end`. `begin` is where readable memory begins: text
// before `p` lets the last few bytes be looked at together.
template <class Class>
inline const char* find(const char* begin, const char* p, const char* end) noexcept {
#if CAPNWEB_SCAN_SSE2
  const auto mask_at = [](const char* at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    return static_cast<unsigned>(_mm_movemask_epi8(Class::matches(bytes)));
  };
  for (; end - p >= 16; p += 16)
    if (const unsigned mask = mask_at(p)) return p + std::countr_zero(mask);
  if (end - begin >= 16 && p != end) {
    const auto seen = 16 - (end - p);
    const unsigned mask = mask_at(end - 16) >> seen;
    return mask ? p + std::countr_zero(mask) : end;
  }
#else
  static_cast<void>(begin);
#endif
  while (p != end && !Class::matches(*p)) ++p;
  return p;
}

// Copies the first and the last sizeof(Word) bytes, and returns them.
template <class Word>
inline std::pair<Word, Word> copy_ends(char* out, const char* text, std::size_t size) noexcept {
  std::pair<Word, Word> ends;
  std::memcpy(&ends.first, text, sizeof(Word));
  std::memcpy(&ends.second, text + size - sizeof(Word), sizeof(Word));
  std::memcpy(out, &ends.first, sizeof(Word));
  std::memcpy(out + size - sizeof(Word), &ends.second, sizeof(Word));
  return ends;
}

// Copies `size` bytes up to one of the class; returns whether there was none. A short text is
// looked at while it is in registers: memcpy(), and then find() on what has just been written in
// other pieces, takes four times as long.
template <class Class>
inline bool copy_without(char* out, const char* text, std::size_t size) noexcept {
#if CAPNWEB_SCAN_SSE2
  const auto has_none = [](__m128i bytes) { return _mm_movemask_epi8(Class::matches(bytes)) == 0; };
  if (size >= 16) {
    const auto copy_at = [&](std::size_t at) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + at), bytes);
      return has_none(bytes);
    };
    for (std::size_t at = 0; at < size - 16; at += 16)
      if (!copy_at(at)) return false;
    return copy_at(size - 16);
  }
  if (size >= 8) {
    const auto [head, tail] = copy_ends<long long>(out, text, size);
    return has_none(_mm_set_epi64x(tail, head));
  }
  if (size >= 4) {
    const auto [head, tail] = copy_ends<int>(out, text, size);
    return has_none(_mm_set_epi32(tail, head, tail, head));
  }
#endif
  for (std::size_t i = 0; i < size; ++i) {
    if (Class::matches(text[i])) return false;
    out[i] = text[i];
  }
  return true;
}

// Counts, as utf16_length() does, from `p` on in whole blocks; leaves `p` behind the last.
inline std::size_t count_utf16_units_in_blocks(const char*& p, const char* end) noexcept {
  std::size_t units = 0;
#if CAPNWEB_SCAN_SSE2
  const __m128i zero = _mm_setzero_si128();
  __m128i sums = zero;
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    // Masks are -1. As signed numbers, continuations are below -64, and F0 to FF from -16 to -1.
    const __m128i starts = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(-65));
    const __m128i fours =
        _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(-17)), _mm_cmplt_epi8(bytes, zero));
    const __m128i counts = _mm_sub_epi8(zero, _mm_add_epi8(starts, fours));
    sums = _mm_add_epi64(sums, _mm_sad_epu8(counts, zero));
  }
  units = static_cast<std::size_t>(_mm_cvtsi128_si64(sums)) +
          static_cast<std::size_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)));
#else
  static_cast<void>(p);
  static_cast<void>(end);
#endif
  return units;
}

}  // namespace scan

inline const char* find_not_plain_json(const char* begin, const char* p, const char* end) noexcept {
  return scan::find<scan::NotPlainJson>(begin, p, end);
}

using DigitEnds = scan::Marks<scan::NotDigit>;

inline bool copy_plain_json(char* out, const char* text, std::size_t size) noexcept {
  return scan::copy_without<scan::NotPlainJson>(out, text, size);
}

inline const char* find_non_ascii(const char* p, const char* end) noexcept {
  return scan::find<scan::NotAscii>(p, p, end);
}

}  // namespace capnweb
