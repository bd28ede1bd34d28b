// convert_values.hpp: texts, bytes, dates, and the types that a Value holds as they are.
#pragma once

#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/plain.hpp>
#include <capnweb/typed_array.hpp>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace capnweb {

namespace detail {

// What a Value holds as such, apart from numbers and text.
template <class T>
concept ValueKind = std::same_as<T, Undefined> || std::same_as<T, Null> || std::same_as<T, Array> ||
                    std::same_as<T, Object> || std::same_as<T, Bytes> || std::same_as<T, Date> ||
                    std::same_as<T, Error> || std::same_as<T, Url> || std::same_as<T, Headers> ||
                    std::same_as<T, Request> || std::same_as<T, Response> || std::same_as<T, Blob>;

template <class T>
constexpr std::string_view kind_of_type() {
  if constexpr (std::same_as<T, Undefined>)
    return "undefined";
  else if constexpr (std::same_as<T, Null>)
    return "null";
  else if constexpr (std::same_as<T, Array>)
    return "array";
  else if constexpr (std::same_as<T, Object>)
    return "object";
  else if constexpr (std::same_as<T, Bytes>)
    return "bytes";
  else if constexpr (std::same_as<T, Date>)
    return "Date";
  else if constexpr (std::same_as<T, Error>)
    return "Error";
  else if constexpr (std::same_as<T, Url>)
    return "URL";
  else if constexpr (std::same_as<T, Headers>)
    return "Headers";
  else if constexpr (std::same_as<T, Request>)
    return "Request";
  else if constexpr (std::same_as<T, Response>)
    return "Response";
  else
    return "Blob";
}

// Milliseconds of a Date that is valid and lies between the bounds.
std::optional<double> decode_date(const Value& value, double least, double most, Mismatch& why);

}  // namespace detail

template <>
struct Convert<Value> {
  static constexpr bool kFailsCleanly = true;
  static Value encode(Value value) { return value; }
  static std::optional<Value> decode(Value&& value, Mismatch&) { return std::move(value); }
};

template <detail::ValueKind T>
struct Convert<T> {
  static constexpr bool kPromiseFree = !std::same_as<T, Array> && !std::same_as<T, Object> &&
                                       !std::same_as<T, Error> && !std::same_as<T, Request> &&
                                       !std::same_as<T, Response>;
  static constexpr bool kFailsCleanly = true;
  static Value encode(T value) { return Value(std::move(value)); }
  static std::optional<T> decode(Value&& value, Mismatch& why) {
    if (auto* found = value.get_if<T>()) return std::move(*found);
    return why.set(detail::kind_of_type<T>(), value);
  }
};

template <>
struct Convert<std::nullptr_t> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static Value encode(std::nullptr_t) { return nullptr; }
  static std::optional<std::nullptr_t> decode(const Value& value, Mismatch& why) {
    if (value.is_null()) return nullptr;
    return why.set("null", value);
  }
};

template <>
struct Convert<std::string> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static Value encode(std::string value) { return value; }
  static std::optional<std::string> decode(Value&& value, Mismatch& why) {
    if (auto* found = value.get_if<std::string>()) return std::move(*found);
    return why.set("string", value);
  }

  static constexpr bool kPlain = true;
  static std::optional<std::string> read(JsonView json, std::size_t) {
    return json.is_string() ? std::optional<std::string>(json.string()) : std::nullopt;
  }
  static void write(detail::PlainWriter& out, std::string_view value) { out.string(value); }
};

// A view of an argument, which lives as long as the call.
template <>
struct Convert<std::string_view> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static constexpr bool kBorrowed = true;
  static Value encode(std::string_view value) { return value; }
  static std::optional<std::string_view> decode(const Value& value, Mismatch& why) {
    if (auto* found = value.get_if<std::string>()) return *found;
    return why.set("string", value);
  }

  static constexpr bool kPlain = true;
  static std::optional<std::string_view> read(JsonView json, std::size_t) {
    return json.is_string() ? std::optional(json.string()) : std::nullopt;
  }
  static void write(detail::PlainWriter& out, std::string_view value) { out.string(value); }
};

// Text literals as arguments of dynamic calls.
template <>
struct Convert<const char*> {
  static constexpr bool kPromiseFree = true;
  static Value encode(const char* value) { return value; }
};
template <>
struct Convert<char*> : Convert<const char*> {};

// Bytes of any container are taken; a Uint8Array is sent.
template <>
struct Convert<std::vector<std::byte>> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static Value encode(std::vector<std::byte> value) { return Bytes(std::move(value)); }
  static std::optional<std::vector<std::byte>> decode(Value&& value, Mismatch& why) {
    if (auto* found = value.get_if<Bytes>()) return std::move(found->vector());
    return why.set("bytes", value);
  }
};
template <>
struct Convert<std::span<const std::byte>> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static constexpr bool kBorrowed = true;
  static Value encode(std::span<const std::byte> value) { return Bytes(value); }
  static std::optional<std::span<const std::byte>> decode(const Value& value, Mismatch& why) {
    if (auto* found = value.get_if<Bytes>()) return found->span();
    return why.set("bytes", value);
  }
};

template <class T>
struct Convert<TypedArray<T>> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static Value encode(const TypedArray<T>& value) { return value.to_bytes(); }
  static std::optional<TypedArray<T>> decode(const Value& value, Mismatch& why) {
    auto* bytes = value.get_if<Bytes>();
    if (bytes && bytes->kind() == TypedArray<T>::kKind) return TypedArray<T>(*bytes);
    return why.set(bytes_kind_name(TypedArray<T>::kKind), value);
  }
};

// A Date, in whole milliseconds.
template <class Duration>
struct Convert<std::chrono::time_point<std::chrono::system_clock, Duration>> {
  using Time = std::chrono::time_point<std::chrono::system_clock, Duration>;
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static Value encode(Time time) {
    const auto whole = std::chrono::floor<std::chrono::milliseconds>(time);
    return Date{static_cast<double>(whole.time_since_epoch().count())};
  }
  static std::optional<Time> decode(const Value& value, Mismatch& why) {
    using Milliseconds = std::chrono::duration<double, std::milli>;
    constexpr double kLeast = Milliseconds(Duration::min()).count();
    constexpr double kMost = Milliseconds(Duration::max()).count();
    auto found = detail::decode_date(value, kLeast, kMost, why);
    if (!found) return std::nullopt;
    const std::chrono::milliseconds whole(static_cast<std::int64_t>(*found));
    return Time(std::chrono::floor<Duration>(whole));
  }
};

}  // namespace capnweb
