// value_oracle.cpp: this library's end of the differential test, a value a line.
//
//   value_oracle generate SEED COUNT   prints the texts of generated values
//   value_oracle compare SEED COUNT    reads what came back of them; prints the numbers of those,
//                                      from 0, that are not equal any more
//   value_oracle roundtrip             reads texts, prints what they are read as; or, behind a "!",
//                                      the error that they are refused with
#include <capnweb/serialize.hpp>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>

#include "value_generator.hpp"

namespace {

using capnweb::Error;
using capnweb::Value;
using capnweb::testing::ValueGenerator;

void generate(ValueGenerator values, std::uint64_t count) {
  for (; count > 0; --count) std::cout << capnweb::serialize(values.next()) << '\n';
}

bool is_equal(const Value& value, const std::string& line) {
  try {
    return capnweb::deserialize(line) == value;
  } catch (const Error&) {
    return false;
  }
}

void compare(ValueGenerator values, std::uint64_t count) {
  std::string line;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Value value = capnweb::testing::without_forbidden_keys(values.next());
    if (!std::getline(std::cin, line) || !is_equal(value, line)) std::cout << i << '\n';
  }
}

void roundtrip() {
  std::string line;
  while (std::getline(std::cin, line)) {
    try {
      std::cout << capnweb::serialize(capnweb::deserialize(line)) << '\n';
    } catch (const Error& error) {
      std::cout << '!' << capnweb::serialize(error) << '\n';
    }
  }
}

std::uint64_t number(const char* text) {
  std::uint64_t value = 0;
  std::from_chars(text, text + std::strlen(text), value);
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "roundtrip" && argc == 2) {
    roundtrip();
  } else if (mode == "generate" && argc == 4) {
    generate(ValueGenerator(number(argv[2])), number(argv[3]));
  } else if (mode == "compare" && argc == 4) {
    compare(ValueGenerator(number(argv[2])), number(argv[3]));
  } else {
    std::cerr << "usage: value_oracle generate|compare SEED COUNT, or value_oracle roundtrip\n";
    return 2;
  }
  return 0;
}
