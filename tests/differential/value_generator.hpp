// value_generator.hpp: values of every kind that needs no session, at random.
#pragma once

#include <capnweb/value.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace capnweb::testing {

// The same seed gives the same values everywhere. What a JavaScript peer changes on purpose (names
// of errors that it does not know, URLs in another form) does not occur.
class ValueGenerator {
 public:
  explicit ValueGenerator(std::uint64_t seed) : random_(seed) {}

  Value next() { return value(5); }

 private:
  Value value(int levels);
  Value scalar();
  double number();
  std::string text();
  std::string word();
  std::string key();
  std::string digits();
  Bytes bytes();
  Url url();
  Headers headers();
  Request request();
  Response response();
  Array array(int levels);
  Object object(int levels);
  Error error(int levels);

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t bound) { return below(bound) == 0; }
  template <class T, std::size_t kSize>
  const T& pick(const T (&choices)[kSize]) {
    return choices[below(kSize)];
  }

  std::mt19937_64 random_;
};

// The value without the keys that no receiver keeps (V-30), as it comes back from one.
Value without_forbidden_keys(const Value& value);

}  // namespace capnweb::testing
