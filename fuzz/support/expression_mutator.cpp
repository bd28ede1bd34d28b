// expression_mutator.cpp: half of the time libFuzzer's own mutations, else a piece of an
// expression.
#include <algorithm>
#include <cstring>

#include "support/grammar.hpp"
#include "support/target.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

// Puts a new expression in place of the text between two of the commas and brackets.
std::string put_expression(const std::string& text, capnweb::fuzz::Grammar& grammar) {
  constexpr const char* kEdges = "[]{},:";
  const auto edge = [&](std::size_t from) {
    return std::min(text.find_first_of(kEdges, from), text.size());
  };
  const std::size_t begin = edge(grammar.pick(text.size() + 1));
  const std::size_t first = std::min(begin + 1, text.size());
  return text.substr(0, first) + grammar.expression() +
         text.substr(std::min(edge(first), text.size()));
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  capnweb::fuzz::Grammar grammar(seed);
  if (grammar.one_in(2)) return LLVMFuzzerMutate(data, size, max_size);
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string mutated =
      grammar.one_in(4) ? grammar.expression(6) : put_expression(text, grammar);
  if (mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, mutated.data(), mutated.size());
  return mutated.size();
}
