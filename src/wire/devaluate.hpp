// devaluate.hpp: one printing of values as expressions (devaluate() in expression.hpp starts it).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wire/expression.hpp"

namespace capnweb {

// Each function appends to the text and tells whether it could; if not, error() says why and the
// caller takes back what was written and exported.
class Devaluator {
 public:
  Devaluator(Exporter* exporter, Ownership ownership, std::string& out)
      : exporter_(exporter), ownership_(ownership), out_(out), begin_(out.size()) {}

  bool value(const Value& value, std::size_t depth);
  bool items(std::span<const Value> items, std::size_t depth);
  bool error(const Error& error, std::size_t depth);

  // Restores the text and takes back the exports (O-24).
  Error take_back();

 private:
  bool object(const Object& object, std::size_t depth);
  bool error_property(std::string_view key, const Value& value, std::size_t depth, bool& is_first);
  bool bytes(const Bytes& bytes);
  bool stub(const detail::StubRef& stub);
  bool promise(const detail::PromiseRef& promise);
  bool readable(const detail::HookRef& hook);
  bool writable(const detail::HookRef& hook);
  bool request(const Request& request);
  bool response(const Response& response);
  bool blob(const Blob& blob);
  bool body(const Value& body);
  void header_pairs(const Headers& headers);
  bool members(const Object& init, std::span<const std::string_view> names, bool& is_first);
  bool plain(const Value& value);
  bool may_export(std::string_view what);
  bool put_export(std::string_view name, Expected<ExportId> id);
  void put_id(std::int64_t id);
  bool fail(Error error);
  void restore(std::size_t size, std::size_t exports);

  Exporter* exporter_;
  Ownership ownership_;
  std::string& out_;
  std::size_t begin_;
  std::vector<ExportId> exported_;
  std::optional<Error> failure_;
};

}  // namespace capnweb
