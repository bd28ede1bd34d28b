#include "value_generator.hpp"

#include <bit>
#include <cmath>
#include <utility>

#include "wire/names.hpp"

namespace capnweb::testing {

namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-";

void set_member(Object& init, const char* name, std::string_view text) {
  if (!text.empty()) init.set(name, text);
}

}  // namespace

Value ValueGenerator::value(int levels) {
  if (levels > 0) {
    switch (below(12)) {
      case 0:
      case 1:
        return array(levels - 1);
      case 2:
      case 3:
      case 4:
        return object(levels - 1);
      case 5:
        return error(levels - 1);
      default:
        break;
    }
  }
  return scalar();
}

Value ValueGenerator::scalar() {
  switch (below(16)) {
    case 0:
      return Value();
    case 1:
      return nullptr;
    case 2:
      return one_in(2);
    case 3:
    case 4:
    case 5:
      return number();
    case 6:
      return *BigInt::parse(digits());
    case 7:
      return one_in(8) ? Date{}
                       : Date{static_cast<double>(below(17'280'000'000'000'001)) - 8.64e15};
    case 8:
      return bytes();
    case 9:
      return url();
    case 10:
      return headers();
    case 11:
      return request();
    case 12:
      return response();
    default:
      return text();
  }
}

double ValueGenerator::number() {
  switch (below(6)) {
    case 0:
      return static_cast<double>(below(100)) - 50;
    case 1:
      return (static_cast<double>(below(2'000'000)) - 1e6) / 1000;
    case 2:
      return static_cast<double>(random_());
    case 3:
      return static_cast<double>(below(1000)) * std::pow(10.0, static_cast<double>(below(60)) - 30);
    default:
      return std::bit_cast<double>(random_());  // subnormal, infinite, NaN
  }
}

std::string ValueGenerator::word() {
  std::string text(1 + below(8), ' ');
  for (char& c : text) c = kLetters[below(kLetters.size())];
  return text;
}

std::string ValueGenerator::text() {
  static constexpr std::string_view kPieces[] = {
      "\"", "\\", "/", "\b\t\n\f\r", "\x01\x1f\x7f", "\xC3\xA9", "\xE2\x80\xA8\xE2\x80\xA9",
      "\xE6\x97\xA5\xE6\x9C\xAC", "\xF0\x9F\x98\x80", "\xEF\xBF\xBF",
      // Lone surrogates (V-4); the letter keeps one from pairing with the next.
      "\xED\xA0\x80x", "\xED\xBF\xBFx"};
  std::string text;
  for (auto pieces = below(6); pieces > 0; --pieces) {
    if (one_in(20)) {
      text += '\0';
    } else if (one_in(3)) {
      text += pick(kPieces);
    } else {
      text += word();
    }
  }
  if (one_in(200)) text.append(10'000, 'x');
  return text;
}

std::string ValueGenerator::key() {
  static constexpr std::string_view kOdd[] = {
      "",       "0",         "17",          "4294967294",    "-1",
      "01",     "__proto__", "constructor", "then",          "toString",
      "toJSON", "length",    "name",        "hasOwnProperty"};
  if (one_in(6)) return std::string(pick(kOdd));
  return one_in(3) ? text() : word();
}

std::string ValueGenerator::digits() {
  std::string text = one_in(2) ? "-" : "";
  for (auto count = 1 + below(one_in(50) ? 3000 : 40); count > 0; --count)
    text += static_cast<char>('0' + below(10));
  return text;
}

Bytes ValueGenerator::bytes() {
  const auto kind =
      static_cast<BytesKind>(below(static_cast<std::uint64_t>(BytesKind::kFloat64Array) + 1));
  std::vector<std::byte> data(below(12) * bytes_element_size(kind));
  for (std::byte& byte : data) byte = static_cast<std::byte>(below(256));
  return Bytes(std::move(data), kind);
}

// As a WHATWG parser prints it.
Url ValueGenerator::url() {
  static constexpr std::string_view kBegin[] = {
      "http://example.com/", "https://a.b:8443/", "ws://127.0.0.1/",
      "ftp://u:p@h/",        "http://[::1]/",     "mailto:",
      "data:text/plain,",    "file:///",          "http://xn--caf-dma.fr/%20"};
  std::string href(pick(kBegin));
  href += word();
  if (one_in(3)) href += "?q=" + word();
  if (one_in(3)) href += "#" + word();
  return {std::move(href)};
}

Headers ValueGenerator::headers() {
  static constexpr std::string_view kValues[] = {"",         "a, b", "text/html; charset=\"x\"",
                                                 "\xC3\xBF", "\t1",  "two  words "};
  Headers headers;
  for (auto count = below(4); count > 0; --count) {
    // An empty value stands alone: joined to another it would lose the space on its way.
    const std::string name = one_in(4) ? "Set-Cookie" : "x" + word();
    if (name == "Set-Cookie" || !headers.get(name))
      headers.append(name, one_in(2) ? std::string(pick(kValues)) : word());
  }
  return headers;
}

Request ValueGenerator::request() {
  static constexpr const char* kMethods[] = {"GET", "GET", "POST", "PUT", "HEAD", "patch", "X-y"};
  static constexpr const char* kCaches[] = {"",       "",         "no-store",
                                            "reload", "no-cache", "force-cache"};
  static constexpr const char* kRedirects[] = {"", "", "manual", "error"};
  static constexpr const char* kModes[] = {"", "", "same-origin"};
  static constexpr const char* kCredentials[] = {"", "", "omit", "include"};
  static constexpr const char* kReferrers[] = {"", "", "http://r.example/x"};
  static constexpr const char* kPolicies[] = {"", "", "no-referrer", "origin", "unsafe-url"};
  Request request{.url = "https://example.com/" + word(), .method = pick(kMethods)};
  request.headers = headers();
  set_member(request.init, "cache", pick(kCaches));
  set_member(request.init, "redirect", pick(kRedirects));
  set_member(request.init, "integrity", one_in(3) ? "sha256-" + word() : "");
  set_member(request.init, "mode", pick(kModes));
  set_member(request.init, "credentials", pick(kCredentials));
  set_member(request.init, "referrer", pick(kReferrers));
  set_member(request.init, "referrerPolicy", pick(kPolicies));
  if (one_in(3)) request.init.set("keepalive", true);
  return request;
}

Response ValueGenerator::response() {
  Response response{.status = one_in(2) ? 200 : 200 + static_cast<int>(below(400))};
  if (one_in(2)) response.status_text = word() + " \xC3\xA9";
  response.headers = headers();
  return response;
}

Array ValueGenerator::array(int levels) {
  Array items;
  for (auto count = below(6); count > 0; --count) items.push_back(value(levels));
  return items;
}

Object ValueGenerator::object(int levels) {
  Object object;
  for (auto count = one_in(40) ? 40 : below(6); count > 0; --count)
    object.set(key(), value(levels));
  return object;
}

Error ValueGenerator::error(int levels) {
  static constexpr const char* kNames[] = {"Error",       "TypeError",      "RangeError",
                                           "SyntaxError", "ReferenceError", "EvalError",
                                           "URIError",    "AggregateError"};
  Error error(pick(kNames), text());
  for (auto count = one_in(2) ? below(4) : 0; count > 0; --count)
    error.set_property("p" + word(), value(levels));
  if (one_in(4)) error.set_property("cause", value(levels));
  // JavaScript always has this one, and sends it last (V-38).
  if (error.name() == "AggregateError") error.set_property("errors", array(levels));
  return error;
}

Value without_forbidden_keys(const Value& value) {
  if (const auto* items = value.get_if<Array>()) {
    Array kept;
    for (const Value& item : *items) kept.push_back(without_forbidden_keys(item));
    return kept;
  }
  if (const auto* object = value.get_if<Object>()) {
    Object kept;
    for (const auto& [key, item] : *object)
      if (!is_forbidden_key(key)) kept.set(key, without_forbidden_keys(item));
    return kept;
  }
  if (const auto* error = value.get_if<Error>()) {
    Error kept(error->name(), error->message());
    for (const auto& [key, item] : error->properties())
      kept.set_property(key, without_forbidden_keys(item));
    return kept;
  }
  return value;
}

}  // namespace capnweb::testing
