// value.hpp: any JavaScript value that can cross.
//
// A Value is a tree that owns what it holds: copying it copies the data and adds a reference to
// each capability in it; destroying it releases them. Strings are WTF-8: UTF-8 in which a lone
// surrogate, legal in JavaScript, stands as its three-byte form, so every string survives a round
// trip (V-4).
#pragma once

#include <capnweb/bigint.hpp>
#include <capnweb/bytes.hpp>
#include <capnweb/detail/hook.hpp>
#include <capnweb/error.hpp>
#include <capnweb/fwd.hpp>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace capnweb {

// JavaScript's `undefined`: no value at all.
struct Undefined {
  friend bool operator==(Undefined, Undefined) = default;
};

// JavaScript's `null`: a value that says "none".
struct Null {
  friend bool operator==(Null, Null) = default;
};

// JavaScript's Date: whole milliseconds since 1970-01-01 UTC, or NaN for an invalid date (V-16).
struct Date {
  double milliseconds = std::numeric_limits<double>::quiet_NaN();
  bool is_valid() const noexcept { return !std::isnan(milliseconds); }
  // Two invalid dates are equal.
  friend bool operator==(Date a, Date b) noexcept {
    return a.milliseconds == b.milliseconds || (!a.is_valid() && !b.is_valid());
  }
};

// JavaScript's URL, as text. Peers send and expect the WHATWG-normalised form (V-45); the library
// does not rewrite what the application gives.
struct Url {
  std::string href;
  friend bool operator==(const Url&, const Url&) = default;
};

using Array = std::vector<Value>;

// A plain JavaScript object: string keys in the order in which they were added.
class Object {
 public:
  struct Entry;
  using iterator = std::vector<Entry>::iterator;
  using const_iterator = std::vector<Entry>::const_iterator;

  Object();
  Object(std::initializer_list<Entry> entries);
  Object(const Object& other);
  Object(Object&& other) noexcept;
  Object& operator=(const Object& other);
  Object& operator=(Object&& other) noexcept;
  ~Object();

  // The value of `key`, or null.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  bool contains(std::string_view key) const { return find(key) != nullptr; }

  // The value of `key`; adds it as undefined, at the end, if it is new.
  Value& operator[](std::string_view key);

  // Sets `key`, keeping its place if it is there already, as JavaScript does.
  void set(std::string key, Value value);

  // Removes `key`, which costs a walk over all entries; whether it was there.
  bool erase(std::string_view key);

  std::size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  void reserve(std::size_t entries);
  // Entries, as pairs `first`, `second`. Keys must not be changed through an iterator.
  iterator begin() noexcept;
  iterator end() noexcept;
  const_iterator begin() const noexcept;
  const_iterator end() const noexcept;

  // Equal when both have the same keys with equal values; the order does not count.
  friend bool operator==(const Object& a, const Object& b);

 private:
  class Index;
  std::size_t position(std::string_view key) const;
  Value& add(std::string key, Value value);

  std::vector<Entry> entries_;
  std::unique_ptr<Index> index_;  // null while the object is small enough to be searched in line
};

// HTTP headers: names in lower case, in the order given; set-cookie may stand several times (V-46).
class Headers {
 public:
  using Pair = std::pair<std::string, std::string>;
  Headers() = default;
  Headers(std::initializer_list<Pair> pairs);

  // Adds a value to what `name` has. Throws Error (TypeError) if the name or the value is not legal
  // in HTTP.
  void append(std::string_view name, std::string_view value);
  // Replaces whatever `name` has.
  void set(std::string_view name, std::string_view value);
  void erase(std::string_view name);
  // The values of `name` joined by ", ", or null if there is none.
  std::unique_ptr<std::string> get(std::string_view name) const;
  // As they travel: sorted by name, values of one name joined except those of set-cookie.
  std::vector<Pair> sorted() const;
  const std::vector<Pair>& pairs() const noexcept { return pairs_; }
  bool empty() const noexcept { return pairs_.empty(); }
  friend bool operator==(const Headers& a, const Headers& b) { return a.sorted() == b.sorted(); }

 private:
  std::vector<Pair> pairs_;
};

namespace detail {

// A capability in a Value: something to call.
struct StubRef {
  HookRef hook;
};
// A value still to come: the promise behind `hook`, or one of its properties.
struct PromiseRef {
  HookRef hook;
  std::shared_ptr<const Path> path = nullptr;  // null: the promise itself
  PathView path_view() const { return path ? PathView(*path) : PathView(); }
};
// The two ends of streams (section S of the rules).
struct ReadableRef {
  HookRef hook;
};
struct WritableRef {
  HookRef hook;
};

// A T on the heap that is copied with its owner: for the large and rare kinds of values.
template <class T>
class Box {
 public:
  explicit Box(T value);
  Box(const Box& other);
  Box(Box&& other) noexcept;
  Box& operator=(Box other) noexcept;
  ~Box();
  const T& operator*() const noexcept { return *value_; }
  T& operator*() noexcept { return *value_; }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace detail

// What a Value can be; the names are those of the wire where it has one.
enum class Kind : std::uint8_t {
  kUndefined,
  kNull,
  kBoolean,
  kNumber,
  kString,
  kArray,
  kObject,
  kBytes,
  kBigInt,
  kDate,
  kError,
  kUrl,
  kHeaders,
  kRequest,
  kResponse,
  kBlob,
  kStub,
  kPromise,
  kReadableStream,
  kWritableStream,
};

// "undefined", "number", "Uint8Array"...: the kind's name in error messages.
std::string_view kind_name(Kind kind) noexcept;

class Value {
 public:
  Value() noexcept = default;  // undefined
  Value(Undefined) noexcept {}
  Value(Null) noexcept : data_(Null{}) {}
  Value(std::nullptr_t) noexcept : data_(Null{}) {}
  Value(std::same_as<bool> auto value) noexcept : data_(value) {}
  template <std::floating_point T>
  Value(T value) noexcept : data_(static_cast<double>(value)) {}
  // A number while a double holds it exactly, a bigint beyond 2^53.
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  Value(T value) : Value(from_integer(value)) {}
  Value(std::string text) noexcept : data_(std::move(text)) {}
  Value(std::string_view text) : data_(std::string(text)) {}
  Value(const char* text) : data_(std::string(text)) {}
  Value(Array items) noexcept : data_(std::move(items)) {}
  Value(Object object) noexcept : data_(std::move(object)) {}
  Value(Bytes bytes) noexcept : data_(std::move(bytes)) {}
  Value(BigInt integer) noexcept : data_(std::move(integer)) {}
  Value(Date date) noexcept : data_(date) {}
  Value(Error error) noexcept : data_(std::move(error)) {}
  Value(Url url) noexcept : data_(std::move(url)) {}
  Value(Headers headers);
  Value(Request request);
  Value(Response response);
  Value(Blob blob);
  Value(detail::StubRef stub) noexcept : data_(std::move(stub)) {}
  Value(detail::PromiseRef promise) noexcept : data_(std::move(promise)) {}
  Value(detail::ReadableRef stream) noexcept : data_(std::move(stream)) {}
  Value(detail::WritableRef stream) noexcept : data_(std::move(stream)) {}
  // Pointers other than text would silently become booleans.
  Value(const void*) = delete;

  static Value undefined() noexcept { return {}; }
  static Value null() noexcept { return Null{}; }

  Kind kind() const noexcept { return static_cast<Kind>(data_.index()); }
  std::string_view kind_name() const noexcept { return capnweb::kind_name(kind()); }
  bool is_undefined() const noexcept { return kind() == Kind::kUndefined; }
  bool is_null() const noexcept { return kind() == Kind::kNull; }
  bool is_boolean() const noexcept { return kind() == Kind::kBoolean; }
  bool is_number() const noexcept { return kind() == Kind::kNumber; }
  bool is_string() const noexcept { return kind() == Kind::kString; }
  bool is_array() const noexcept { return kind() == Kind::kArray; }
  bool is_object() const noexcept { return kind() == Kind::kObject; }

  // What it holds, if that is a T, else null: `if (auto* text = value.get_if<std::string>())`.
  // T is one of bool, double, std::string, Array, Object, Bytes, BigInt, Date, Error, Url, Headers,
  // Request, Response, Blob, Undefined, Null.
  template <class T>
  const T* get_if() const noexcept {
    if constexpr (kIsBoxed<T>) {
      auto* box = std::get_if<detail::Box<T>>(&data_);
      return box ? &**box : nullptr;
    } else {
      return std::get_if<T>(&data_);
    }
  }
  template <class T>
  T* get_if() noexcept {
    return const_cast<T*>(std::as_const(*this).template get_if<T>());
  }

  // The same, but a value of another kind throws Error (TypeError): "expected string, got number".
  template <class T>
  const T& get() const& {
    if (auto* found = get_if<T>()) return *found;
    wrong_kind(kind_of<T>());
  }
  template <class T>
  T&& get() && {
    if (auto* found = get_if<T>()) return std::move(*found);
    wrong_kind(kind_of<T>());
  }

  // A property of an object or an element of an array; undefined where there is none, and for every
  // other kind of value.
  const Value& operator[](std::string_view key) const;
  const Value& operator[](std::size_t index) const;
  // For literals: `value[0]` would also be a null pointer.
  const Value& operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }
  const Value& operator[](const char* key) const { return (*this)[std::string_view(key)]; }

  // Deep equality. NaN equals NaN and 0 equals -0 (JavaScript's SameValueZero), so that what
  // crosses and comes back compares equal; capabilities are equal when they are the same reference.
  friend bool operator==(const Value& a, const Value& b);

 private:
  // In the order of Kind.
  using Data = std::variant<Undefined, Null, bool, double, std::string, Array, Object, Bytes,
                            BigInt, Date, Error, Url, detail::Box<Headers>, detail::Box<Request>,
                            detail::Box<Response>, detail::Box<Blob>, detail::StubRef,
                            detail::PromiseRef, detail::ReadableRef, detail::WritableRef>;

  template <class T>
  static constexpr bool kIsBoxed = std::same_as<T, Headers> || std::same_as<T, Request> ||
                                   std::same_as<T, Response> || std::same_as<T, Blob>;

  template <std::integral T>
  static Value from_integer(T value) {
    constexpr std::int64_t kExact = std::int64_t{1} << 53;
    if (std::cmp_less_equal(value, kExact) && std::cmp_greater_equal(value, -kExact))
      return Value(static_cast<double>(value));
    return Value(BigInt(value));
  }
  template <class T>
  static constexpr Kind kind_of() {
    using Held = std::conditional_t<kIsBoxed<T>, detail::Box<T>, T>;
    return static_cast<Kind>(position<Held>(static_cast<Data*>(nullptr)));
  }
  template <class T, class... Kinds>
  static constexpr std::size_t position(std::variant<Kinds...>*) {
    std::size_t index = 0;
    static_cast<void>(((std::same_as<T, Kinds> || (++index, false)) || ...));
    return index;
  }
  [[noreturn]] void wrong_kind(Kind expected) const;

  Data data_;
};

struct Object::Entry {
  std::string first;
  Value second;
};

// An HTTP request as a value (V-47 to V-49). The body is null, a string, bytes or a stream.
struct Request {
  std::string url;
  std::string method = "GET";
  Headers headers = {};
  Value body = nullptr;
  // Further members of the init object, as they travel: cache, redirect, mode...
  Object init = {};
};

// An HTTP response as a value (V-50, V-51).
struct Response {
  int status = 200;
  std::string status_text = {};
  Headers headers = {};
  Value body = nullptr;
  Object init = {};
};

// Bytes with a media type (V-53). Collected whole before they are delivered.
class Blob {
 public:
  std::string type;
  Bytes bytes;
};

}  // namespace capnweb
