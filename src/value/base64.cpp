#include "value/base64.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace capnweb {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct TwoChars {
  char text[2];
};

// Twelve bits to two characters: half the look-ups of six bits to one.
constexpr auto kPairs = [] {
  std::array<TwoChars, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = {{kAlphabet[i >> 6], kAlphabet[i & 63]}};
  return pairs;
}();

// A character's six bits, at each of its four places in a group of 24; kBad for others.
constexpr std::uint32_t kBad = std::uint32_t{1} << 31;
constexpr auto kBits = [] {
  std::array<std::array<std::uint32_t, 256>, 4> bits{};
  for (std::size_t place = 0; place < 4; ++place) {
    bits[place].fill(kBad);
    for (std::uint32_t i = 0; i < 64; ++i)
      bits[place][static_cast<unsigned char>(kAlphabet[i])] = i << (18 - 6 * place);
  }
  return bits;
}();

std::uint32_t bits_of(const char* p, std::size_t place) {
  return kBits[place][static_cast<unsigned char>(p[place])];
}

char* put_pair(char* out, std::uint32_t twelve_bits) {
  std::memcpy(out, kPairs[twelve_bits].text, 2);
  return out + 2;
}

std::byte* put_bytes(std::byte* out, std::uint32_t group, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) *out++ = static_cast<std::byte>(group >> (16 - 8 * i));
  return out;
}

// The text without its padding; nothing if that is wrong.
std::optional<std::string_view> without_padding(std::string_view text) {
  if (text.size() % 4 == 0 && text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
  if (text.size() % 4 == 1) return std::nullopt;
  return text;
}

}  // namespace

void append_base64(std::string& out, std::span<const std::byte> bytes) {
  const std::size_t tail = bytes.size() % 3;
  const std::size_t old_size = out.size();
  out.resize(old_size + bytes.size() / 3 * 4 + (tail == 0 ? 0 : tail + 1));
  char* p = out.data() + old_size;
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  for (const auto* const end = in + (bytes.size() - tail); in != end; in += 3) {
    const std::uint32_t group = (std::uint32_t{in[0]} << 16) | (std::uint32_t{in[1]} << 8) | in[2];
    p = put_pair(p, group >> 12);
    p = put_pair(p, group & 0xFFF);
  }
  if (tail == 1) {
    put_pair(p, std::uint32_t{in[0]} << 4);
  } else if (tail == 2) {
    p = put_pair(p, (std::uint32_t{in[0]} << 4) | (in[1] >> 4));
    *p = kAlphabet[(in[1] & 0xFu) << 2];
  }
}

std::optional<std::vector<std::byte>> decode_base64(std::string_view text) {
  const auto unpadded = without_padding(text);
  if (!unpadded) return std::nullopt;
  const std::size_t tail = unpadded->size() % 4;
  const std::size_t tail_bytes = tail == 0 ? 0 : tail - 1;
  std::vector<std::byte> bytes(unpadded->size() / 4 * 3 + tail_bytes);

  const char* p = unpadded->data();
  std::byte* out = bytes.data();
  std::uint32_t bad = 0;
  for (const char* const end = p + (unpadded->size() - tail); p != end; p += 4) {
    const std::uint32_t group = bits_of(p, 0) | bits_of(p, 1) | bits_of(p, 2) | bits_of(p, 3);
    bad |= group;
    out = put_bytes(out, group, 3);
  }
  if (tail != 0) {
    std::uint32_t group = bits_of(p, 0) | bits_of(p, 1);
    if (tail == 3) group |= bits_of(p, 2);
    put_bytes(out, group, tail_bytes);
    bad |= group;
    const std::uint32_t left_over = tail == 2 ? 0xFFFFu : 0xFFu;
    if ((group & left_over) != 0) return std::nullopt;
  }
  if ((bad & kBad) != 0) return std::nullopt;
  return bytes;
}

}  // namespace capnweb
