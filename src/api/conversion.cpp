// conversion.cpp: what conversions say when a value does not fit.
#include <capnweb/convert.hpp>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace capnweb {

namespace {

// "string", "Uint8Array", "number": what came.
std::string describe(const Value& value) {
  if (auto* bytes = value.get_if<Bytes>()) return std::string(bytes_kind_name(bytes->kind()));
  return std::string(value.kind_name());
}

}  // namespace

std::nullopt_t Mismatch::set(std::string_view wanted, const Value& value) {
  path.clear();
  expected = wanted;
  got = describe(value);
  return std::nullopt;
}

namespace detail {

void at_index(Mismatch& why, std::size_t index) {
  why.path.insert(0, "[" + std::to_string(index) + "]");
}

void at_member(Mismatch& why, std::string_view name) {
  why.path.insert(0, "." + std::string(name));
}

Error bad_result(const Mismatch& why) {
  return Error::type_error("result" + why.path + ": expected " + why.expected + ", got " + why.got);
}

void throw_bad_result(const Mismatch& why) { throw bad_result(why); }

Array* find_array(Value& value, Mismatch& why) {
  auto* array = value.get_if<Array>();
  if (!array) why.set("array", value);
  return array;
}

Array* find_tuple(Value& value, std::size_t size, Mismatch& why) {
  Array* array = find_array(value, why);
  if (!array) return nullptr;
  if (array->size() > size) {
    why.set("array of " + std::to_string(size), value);
    why.got = "array of " + std::to_string(array->size());
    return nullptr;
  }
  array->resize(size);
  return array;
}

Object* find_object(Value& value, Mismatch& why) {
  auto* object = value.get_if<Object>();
  if (!object) why.set("object", value);
  return object;
}

Value take_member(Object& object, std::string_view name) {
  Value* found = object.find(name);
  return found ? std::move(*found) : Value();
}

std::optional<JsonView> MemberReader::find(std::string_view name) {
  const auto first = next_;
  bool has_turned = false;
  for (;;) {
    if (next_ == object_.end()) {
      if (std::exchange(has_turned, true)) return std::nullopt;
      next_ = object_.begin();
    }
    if (has_turned && next_ == first) return std::nullopt;
    const JsonView key = *next_;
    const JsonView value = *++next_;
    ++next_;
    if (key.string() == name) return value;
  }
}

void add_alternative(std::string& expected, const Mismatch& why) {
  // An alternative that nearly fitted is known by where it failed.
  std::string wanted =
      why.path.empty() ? why.expected : why.path.substr(why.path[0] == '.') + " as " + why.expected;
  if (!expected.empty()) expected += " or ";
  expected += wanted;
}

std::nullopt_t no_alternative(Mismatch& why, const std::string& expected, const Value& value) {
  return why.set(expected, value);
}

void throw_unlisted_member() {
  throw std::logic_error("capnweb: this member is not among those that the struct's Fields list");
}

std::optional<double> decode_date(const Value& value, double least, double most, Mismatch& why) {
  auto* date = value.get_if<Date>();
  if (!date) return why.set("Date", value);
  if (date->is_valid() && date->milliseconds >= least && date->milliseconds <= most)
    return date->milliseconds;
  why.set(date->is_valid() ? "Date of a year that fits the clock" : "valid Date", value);
  why.got = date->is_valid() ? "one beyond" : "an invalid one";
  return std::nullopt;
}

std::optional<std::size_t> find_enumerator(Names names, const Value& value, Mismatch& why) {
  auto* text = value.get_if<std::string>();
  if (text && !text->empty())
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == *text) return i;
  std::string all;
  for (std::string_view name : names) {
    if (name.empty()) continue;
    if (!all.empty()) all += '|';
    all += '"';
    all += name;
    all += '"';
  }
  why.set(all, value);
  if (text) why.got = '"' + text->substr(0, 64) + '"';
  return std::nullopt;
}

std::string_view enumerator_name(Names names, std::string_view type, long long value, int least) {
  const long long place = value - least;
  if (place >= 0 && place < static_cast<long long>(names.size()) &&
      !names[static_cast<std::size_t>(place)].empty())
    return names[static_cast<std::size_t>(place)];
  throw Error::range_error(std::string(type) + " " + std::to_string(value) +
                           " has no name; see capnweb::EnumRange");
}

void to_little_endian(std::byte* data, std::size_t bytes, std::size_t size) noexcept {
  if constexpr (std::endian::native == std::endian::little) return;
  for (std::size_t at = 0; at + size <= bytes; at += size)
    std::reverse(data + at, data + at + size);
}

}  // namespace detail
}  // namespace capnweb
