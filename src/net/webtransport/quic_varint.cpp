#include "net/webtransport/quic_varint.hpp"

#include <algorithm>

namespace capnweb {
namespace {

std::size_t length_of(char first) noexcept {
  return std::size_t{1} << (static_cast<unsigned char>(first) >> 6);
}

std::uint64_t decode(std::string_view bytes) noexcept {
  std::uint64_t value = static_cast<unsigned char>(bytes[0]) & 0x3F;
  for (const char byte : bytes.substr(1)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

void append_varint(std::string& out, std::uint64_t value) {
  const unsigned power = value < 1U << 6 ? 0 : value < 1U << 14 ? 1 : value < 1U << 30 ? 2 : 3;
  const std::size_t size = std::size_t{1} << power;
  const std::size_t begin = out.size();
  for (std::size_t i = size; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xFF);
  out[begin] = static_cast<char>(static_cast<unsigned char>(out[begin]) | power << 6);
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) noexcept {
  if (bytes.empty() || bytes.size() < length_of(bytes[0])) return std::nullopt;
  const std::size_t size = length_of(bytes[0]);
  const std::uint64_t value = decode(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return value;
}

std::size_t VarintReader::needed() const noexcept {
  return size_ == 0 ? 1 : length_of(bytes_[0]) - size_;
}

bool VarintReader::feed(std::string_view& input) noexcept {
  while (needed() > 0) {
    const std::size_t taken = std::min(needed(), input.size());
    if (taken == 0) return false;
    std::copy_n(input.begin(), taken, bytes_.data() + size_);
    size_ += taken;
    input.remove_prefix(taken);
  }
  return true;
}

std::uint64_t VarintReader::take() noexcept {
  const std::uint64_t value = decode({bytes_.data(), size_});
  size_ = 0;
  return value;
}

}  // namespace capnweb
