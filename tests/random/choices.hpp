// choices.hpp: where a random program's decisions come from.
#pragma once

#include <cstddef>
#include <random>

namespace capnweb::testing {

// Numbers of a seeded generator here, bytes of its input in a fuzzer.
class Choices {
 public:
  virtual ~Choices() = default;
  // A number below `count`. REQUIRES: 0 < count <= 256.
  virtual std::size_t below(std::size_t count) = 0;
};

class SeededChoices final : public Choices {
 public:
  explicit SeededChoices(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t count) override { return random_() % count; }

 private:
  std::mt19937 random_;
};

}  // namespace capnweb::testing
