#include "cap/cycle.hpp"

#include <unordered_set>

namespace capnweb::detail {

namespace {

// As many as a session's tables may hold. What is larger counts as a circle.
constexpr std::size_t kMostVisited = 100'000;

void append_references(const Object& object, std::vector<const Hook*>& out) {
  for (const auto& [key, item] : object) append_references(item, out);
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): values are built with bounded nesting.
void append_references(const Value& value, std::vector<const Hook*>& out) {
  switch (value.kind()) {
    case Kind::kArray:
      for (const Value& item : value.get<Array>()) append_references(item, out);
      break;
    case Kind::kObject:
      append_references(value.get<Object>(), out);
      break;
    case Kind::kError:
      append_references(value.get<Error>(), out);
      break;
    case Kind::kRequest:
      append_references(value.get<Request>().body, out);
      break;
    case Kind::kResponse:
      append_references(value.get<Response>().body, out);
      break;
    case Kind::kStub:
      out.push_back(value.get_if<StubRef>()->hook.get());
      break;
    case Kind::kPromise:
      out.push_back(value.get_if<PromiseRef>()->hook.get());
      break;
    case Kind::kReadableStream:
      out.push_back(value.get_if<ReadableRef>()->hook.get());
      break;
    case Kind::kWritableStream:
      out.push_back(value.get_if<WritableRef>()->hook.get());
      break;
    default:
      break;
  }
}

void append_references(const Error& error, std::vector<const Hook*>& out) {
  append_references(error.properties(), out);
  if (const Value* thrown = error.thrown_value()) append_references(*thrown, out);
}

bool lead_to(std::vector<const Hook*> from, const Hook& goal) {
  std::unordered_set<const Hook*> seen;
  while (!from.empty()) {
    const Hook* hook = from.back();
    from.pop_back();
    if (hook == &goal) return true;
    const auto* next = dynamic_cast<const Needs*>(hook);
    if (!next || !seen.insert(hook).second) continue;
    if (seen.size() > kMostVisited) return true;
    next->append_needs(from);
  }
  return false;
}

}  // namespace capnweb::detail
