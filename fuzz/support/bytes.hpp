// bytes.hpp: a fuzzer's input, read piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace capnweb::fuzz {

// Gives zeros once the bytes have run out, so every program read from them ends.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) noexcept : bytes_(bytes) {}

  bool empty() const noexcept { return bytes_.empty(); }
  std::uint8_t byte() noexcept {
    if (bytes_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }
  // A number below `count`. REQUIRES: 0 < count <= 256.
  std::size_t below(std::size_t count) noexcept { return byte() % count; }
  std::string_view rest() const noexcept { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace capnweb::fuzz
