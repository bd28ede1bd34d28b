// typed_array.hpp: JavaScript's typed arrays of numbers.
#pragma once

#include <bit>
#include <capnweb/bytes.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace capnweb {

namespace detail {

template <class T>
struct TypedArrayKind;
template <BytesKind Kind>
struct TypedArrayKindIs {
  static constexpr BytesKind kKind = Kind;
};
// clang-format off
template <> struct TypedArrayKind<std::int8_t> : TypedArrayKindIs<BytesKind::kInt8Array> {};
template <> struct TypedArrayKind<std::uint8_t> : TypedArrayKindIs<BytesKind::kUint8Array> {};
template <> struct TypedArrayKind<std::int16_t> : TypedArrayKindIs<BytesKind::kInt16Array> {};
template <> struct TypedArrayKind<std::uint16_t> : TypedArrayKindIs<BytesKind::kUint16Array> {};
template <> struct TypedArrayKind<std::int32_t> : TypedArrayKindIs<BytesKind::kInt32Array> {};
template <> struct TypedArrayKind<std::uint32_t> : TypedArrayKindIs<BytesKind::kUint32Array> {};
template <> struct TypedArrayKind<std::int64_t> : TypedArrayKindIs<BytesKind::kBigInt64Array> {};
template <> struct TypedArrayKind<std::uint64_t> : TypedArrayKindIs<BytesKind::kBigUint64Array> {};
template <> struct TypedArrayKind<float> : TypedArrayKindIs<BytesKind::kFloat32Array> {};
template <> struct TypedArrayKind<double> : TypedArrayKindIs<BytesKind::kFloat64Array> {};
// clang-format on

// Reverses the bytes of each element of `size` bytes on machines whose order is not the wire's
// (V-20).
void to_little_endian(std::byte* data, std::size_t bytes, std::size_t size) noexcept;

}  // namespace detail

// A std::vector<T> that crosses as a typed array: TypedArray<float> is a Float32Array. (A plain
// std::vector<float> is an array of numbers.) T is float, double or an integer of 8 to 64 bits.
template <class T>
struct TypedArray : std::vector<T> {
  static constexpr BytesKind kKind = detail::TypedArrayKind<T>::kKind;

  using std::vector<T>::vector;
  explicit TypedArray(std::vector<T> elements) noexcept : std::vector<T>(std::move(elements)) {}

  // The elements of a container of bytes; a part of an element at its end is ignored.
  explicit TypedArray(const Bytes& bytes) : std::vector<T>(bytes.size() / sizeof(T)) {
    const std::size_t size = this->size() * sizeof(T);
    if (size == 0) return;
    std::memcpy(this->data(), bytes.data(), size);
    detail::to_little_endian(reinterpret_cast<std::byte*>(this->data()), size, sizeof(T));
  }
  Bytes to_bytes() const {
    Bytes bytes(std::as_bytes(std::span<const T>(*this)), kKind);
    detail::to_little_endian(bytes.data(), bytes.size(), sizeof(T));
    return bytes;
  }
};

}  // namespace capnweb
