// map_mutator.cpp: a third of the time libFuzzer's own mutations, else instructions: a part of one,
// a new one at the end. What stands before them is kept.
#include <cstring>
#include <string>

#include "support/grammar.hpp"
#include "support/map_input.hpp"
#include "support/target.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  using capnweb::fuzz::kMapHeader;
  capnweb::fuzz::Grammar grammar(seed);
  if (size < kMapHeader || grammar.one_in(3)) return LLVMFuzzerMutate(data, size, max_size);
  std::string header(capnweb::fuzz::as_text(data, kMapHeader));
  std::string text(capnweb::fuzz::as_text(data, size).substr(kMapHeader));
  if (grammar.one_in(8)) header[grammar.pick(kMapHeader)] = static_cast<char>(grammar.pick(128));
  if (grammar.one_in(3) && text.ends_with(']')) {
    text.pop_back();
    text += (text == "[" ? "" : ",") + grammar.expression(3) + ']';
  } else {
    text = grammar.put_expression(text);
  }
  const std::string mutated = header + text;
  if (mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, mutated.data(), mutated.size());
  return mutated.size();
}
