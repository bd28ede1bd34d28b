// grammar.hpp: messages and expressions made by chance, as a peer might send them.
//
// A mutator that only changes bytes seldom gets past the JSON reader. This one knows what stands
// where, takes plausible ids, and breaks a rule now and then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

namespace capnweb::fuzz {

class Grammar {
 public:
  explicit Grammar(unsigned seed) : random_(seed) {}

  // A value's text, with at most `levels` of values inside.
  std::string expression(int levels = 4);
  // One message.
  std::string message();
  // `text` with a new expression in place of what stands between two of its commas and brackets.
  std::string put_expression(const std::string& text);

  // A number below `count`.
  std::size_t pick(std::size_t count) { return random_() % count; }
  bool one_in(std::size_t count) { return pick(count) == 0; }
  std::string_view one_of(std::initializer_list<std::string_view> choices) {
    return choices.begin()[pick(choices.size())];
  }

 private:
  std::string data();
  std::string capability(int levels);
  std::string remap(int levels);
  std::string fetch(int levels);
  std::string list(int levels, std::size_t most);  // "1,2,3"
  std::string members(int levels);                 // {"a":1}
  std::string reference(int levels);
  std::string path();
  std::string pushed_id();
  std::string offered_id();
  std::string any_id();

  std::minstd_rand random_;
};

}  // namespace capnweb::fuzz
