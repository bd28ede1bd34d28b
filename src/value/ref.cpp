#include <capnweb/detail/ref.hpp>
#include <vector>

namespace capnweb::detail {

namespace {

constexpr int kDirectDepth = 32;

struct Graveyard {
  int depth = 0;
  std::vector<RefCounted*> waiting;
};
thread_local Graveyard graveyard;

}  // namespace

void RefCounted::destroy() noexcept {
  if (graveyard.depth >= kDirectDepth) {
    graveyard.waiting.push_back(this);
    return;
  }
  ++graveyard.depth;
  delete this;
  while (graveyard.depth == 1 && !graveyard.waiting.empty()) {
    RefCounted* next = graveyard.waiting.back();
    graveyard.waiting.pop_back();
    delete next;
  }
  --graveyard.depth;
}

}  // namespace capnweb::detail
