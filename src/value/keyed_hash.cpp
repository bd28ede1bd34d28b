#include "value/keyed_hash.hpp"

#include <bit>
#include <cstring>
#include <random>

namespace capnweb {
namespace {

struct Key {
  std::uint64_t first;
  std::uint64_t second;
};

std::uint64_t random_word(std::random_device& device) {
  return (std::uint64_t{device()} << 32) | device();
}

const Key& process_key() {
  static const Key key = [] {
    std::random_device device;
    return Key{random_word(device), random_word(device)};
  }();
  return key;
}

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

}  // namespace

std::uint64_t keyed_hash(std::string_view text) noexcept {
  const Key& key = process_key();
  State state{key.first ^ 0x736f6d6570736575u, key.second ^ 0x646f72616e646f6du,
              key.first ^ 0x6c7967656e657261u, key.second ^ 0x7465646279746573u};
  const char* p = text.data();
  std::size_t left = text.size();
  for (; left >= 8; p += 8, left -= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    state.absorb(word);
  }
  std::uint64_t last = 0;
  if (left > 0) std::memcpy(&last, p, left);
  // The length in a byte of its own tells "a" from "a\0"; the tail has at most seven bytes.
  state.absorb(std::rotl(last, 8) ^ (text.size() & 0xff));
  state.v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::uint64_t keyed_hash(std::uint64_t number) noexcept {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  return keyed_hash(std::string_view(bytes, sizeof bytes));
}

}  // namespace capnweb
