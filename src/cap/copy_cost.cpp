#include "cap/copy_cost.hpp"

#include <string>

namespace capnweb::detail {

namespace {

std::size_t cost_of(const Object& object) {
  std::size_t cost = 0;
  for (const auto& [key, item] : object) cost += sizeof(std::string) + key.size() + copy_cost(item);
  return cost;
}

std::size_t cost_of(const Headers& headers) {
  std::size_t cost = 0;
  for (const auto& [name, text] : headers.pairs())
    cost += 2 * sizeof(std::string) + name.size() + text.size();
  return cost;
}

std::size_t cost_of(const Error& error) {
  const auto& stack = error.stack();
  const Value* thrown = error.thrown_value();
  return error.name().size() + error.message().size() + (stack ? stack->size() : 0) +
         cost_of(error.properties()) + (thrown ? copy_cost(*thrown) : 0);
}

// What it holds elsewhere. Capabilities are counted where they are offered.
std::size_t cost_inside(const Value& value) {
  switch (value.kind()) {
    case Kind::kString:
      return value.get<std::string>().size();
    case Kind::kArray:
      return copy_cost(value.get<Array>());
    case Kind::kObject:
      return cost_of(value.get<Object>());
    case Kind::kError:
      return cost_of(value.get<Error>());
    case Kind::kBytes:
      return value.get<Bytes>().size();
    case Kind::kBigInt:
      return value.get<BigInt>().size();
    case Kind::kUrl:
      return value.get<Url>().href.size();
    case Kind::kHeaders:
      return cost_of(value.get<Headers>());
    case Kind::kRequest: {
      const auto& request = value.get<Request>();
      return sizeof request + request.url.size() + cost_of(request.headers) +
             copy_cost(request.body) + cost_of(request.init);
    }
    case Kind::kResponse: {
      const auto& response = value.get<Response>();
      return sizeof response + response.status_text.size() + cost_of(response.headers) +
             copy_cost(response.body) + cost_of(response.init);
    }
    case Kind::kBlob:
      return value.get<Blob>().type.size() + value.get<Blob>().bytes.size();
    default:
      return 0;
  }
}

}  // namespace

std::size_t copy_cost(const Value& value) { return sizeof value + cost_inside(value); }

std::size_t copy_cost(const Array& values) {
  std::size_t cost = 0;
  for (const Value& value : values) cost += copy_cost(value);
  return cost;
}

}  // namespace capnweb::detail
