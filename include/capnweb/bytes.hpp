// bytes.hpp: binary data and the JavaScript container it travels in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace capnweb {

// JavaScript's containers of bytes (V-18, V-19). Elements are little-endian on the wire (V-20).
enum class BytesKind : std::uint8_t {
  kUint8Array,  // what C++ code usually wants
  kArrayBuffer,
  kDataView,
  kInt8Array,
  kUint8ClampedArray,
  kInt16Array,
  kUint16Array,
  kInt32Array,
  kUint32Array,
  kBigInt64Array,
  kBigUint64Array,
  kFloat32Array,
  kFloat64Array,
};

// "Uint8Array"...: the container's name in JavaScript.
std::string_view bytes_kind_name(BytesKind kind) noexcept;
// How many bytes an element of it takes: 1, 2, 4 or 8.
std::size_t bytes_element_size(BytesKind kind) noexcept;
// The container of that name (V-22), if there is one.
std::optional<BytesKind> find_bytes_kind(std::string_view name) noexcept;

// Bytes owned by the value, with their container's type.
class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(std::vector<std::byte> data, BytesKind kind = BytesKind::kUint8Array) noexcept
      : data_(std::move(data)), kind_(kind) {}
  explicit Bytes(std::span<const std::byte> data, BytesKind kind = BytesKind::kUint8Array)
      : data_(data.begin(), data.end()), kind_(kind) {}
  // The bytes of a text.
  static Bytes from_text(std::string_view text) {
    return Bytes(std::as_bytes(std::span(text.data(), text.size())));
  }

  BytesKind kind() const noexcept { return kind_; }
  std::size_t size() const noexcept { return data_.size(); }
  bool empty() const noexcept { return data_.empty(); }
  const std::byte* data() const noexcept { return data_.data(); }
  std::byte* data() noexcept { return data_.data(); }
  std::span<const std::byte> span() const noexcept { return data_; }
  std::vector<std::byte>& vector() noexcept { return data_; }
  const std::vector<std::byte>& vector() const noexcept { return data_; }
  // The bytes read as text, without a copy; valid as long as these bytes.
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(data_.data()), data_.size()};
  }
  friend bool operator==(const Bytes&, const Bytes&) = default;

 private:
  std::vector<std::byte> data_;
  BytesKind kind_ = BytesKind::kUint8Array;
};

}  // namespace capnweb
