// value.cpp: what a Value does that needs the whole of its kinds.
#include <algorithm>
#include <capnweb/value.hpp>
#include <memory>
#include <string>
#include <utility>

namespace capnweb {
namespace detail {

template <class T>
Box<T>::Box(T value) : value_(std::make_unique<T>(std::move(value))) {}

// A box that was moved from is empty, and so is its copy.
template <class T>
Box<T>::Box(const Box& other)
    : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}

template <class T>
Box<T>::Box(Box&& other) noexcept = default;

template <class T>
Box<T>& Box<T>::operator=(Box other) noexcept {
  value_ = std::move(other.value_);
  return *this;
}

template <class T>
Box<T>::~Box() = default;

template class Box<Headers>;
template class Box<Request>;
template class Box<Response>;
template class Box<Blob>;

}  // namespace detail

namespace {

bool same_number(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool same(const Headers& a, const Headers& b) { return a == b; }

bool same(const Request& a, const Request& b) {
  return a.url == b.url && a.method == b.method && a.headers == b.headers && a.body == b.body &&
         a.init == b.init;
}

bool same(const Response& a, const Response& b) {
  return a.status == b.status && a.status_text == b.status_text && a.headers == b.headers &&
         a.body == b.body && a.init == b.init;
}

bool same(const Blob& a, const Blob& b) { return a.type == b.type && a.bytes == b.bytes; }

// Equality of two things of the same kind.
struct SameKind {
  template <class T>
  bool operator()(const T& a, const T& b) const {
    return a == b;
  }
  bool operator()(double a, double b) const { return same_number(a, b); }
  template <class T>
  bool operator()(const detail::Box<T>& a, const detail::Box<T>& b) const {
    return same(*a, *b);
  }
  bool operator()(const detail::StubRef& a, const detail::StubRef& b) const {
    return a.hook == b.hook;
  }
  bool operator()(const detail::PromiseRef& a, const detail::PromiseRef& b) const {
    return a.hook == b.hook && std::ranges::equal(a.path_view(), b.path_view());
  }
  bool operator()(const detail::ReadableRef& a, const detail::ReadableRef& b) const {
    return a.hook == b.hook;
  }
  bool operator()(const detail::WritableRef& a, const detail::WritableRef& b) const {
    return a.hook == b.hook;
  }
  template <class T, class U>
  bool operator()(const T&, const U&) const {
    return false;
  }
};

const Value& undefined_value() {
  static const Value value;
  return value;
}

}  // namespace

Value::Value(Headers headers) : data_(detail::Box(std::move(headers))) {}
Value::Value(Request request) : data_(detail::Box(std::move(request))) {}
Value::Value(Response response) : data_(detail::Box(std::move(response))) {}
Value::Value(Blob blob) : data_(detail::Box(std::move(blob))) {}

const Value& Value::operator[](std::string_view key) const {
  const auto* object = get_if<Object>();
  const Value* found = object ? object->find(key) : nullptr;
  return found ? *found : undefined_value();
}

const Value& Value::operator[](std::size_t index) const {
  const auto* array = get_if<Array>();
  return array && index < array->size() ? (*array)[index] : undefined_value();
}

bool operator==(const Value& a, const Value& b) {
  return a.kind() == b.kind() && std::visit(SameKind{}, a.data_, b.data_);
}

void Value::wrong_kind(Kind expected) const {
  std::string text = "expected ";
  text += capnweb::kind_name(expected);
  text += ", got ";
  text += kind_name();
  throw Error::type_error(std::move(text));
}

std::string_view kind_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::kUndefined:
      return "undefined";
    case Kind::kNull:
      return "null";
    case Kind::kBoolean:
      return "boolean";
    case Kind::kNumber:
      return "number";
    case Kind::kString:
      return "string";
    case Kind::kArray:
      return "array";
    case Kind::kObject:
      return "object";
    case Kind::kBytes:
      return "Uint8Array";
    case Kind::kBigInt:
      return "bigint";
    case Kind::kDate:
      return "Date";
    case Kind::kError:
      return "Error";
    case Kind::kUrl:
      return "URL";
    case Kind::kHeaders:
      return "Headers";
    case Kind::kRequest:
      return "Request";
    case Kind::kResponse:
      return "Response";
    case Kind::kBlob:
      return "Blob";
    case Kind::kStub:
      return "stub";
    case Kind::kPromise:
      return "promise";
    case Kind::kReadableStream:
      return "ReadableStream";
    case Kind::kWritableStream:
      return "WritableStream";
  }
  return "unknown";
}

}  // namespace capnweb
