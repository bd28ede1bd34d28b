// expression_mutator.cpp: half of the time libFuzzer's own mutations, else a piece of an
// expression.
#include <cstring>

#include "support/grammar.hpp"
#include "support/target.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  capnweb::fuzz::Grammar grammar(seed);
  if (grammar.one_in(2)) return LLVMFuzzerMutate(data, size, max_size);
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string mutated =
      grammar.one_in(4) ? grammar.expression(6) : grammar.put_expression(text);
  if (mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, mutated.data(), mutated.size());
  return mutated.size();
}
