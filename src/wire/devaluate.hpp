// devaluate.hpp: one printing of values as expressions (devaluate() in expression.hpp starts it).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/expression.hpp"

namespace capnweb {

// Each function appends to the text and tells whether it could; if not, take_back() says why and
// undoes what was written and exported.
class Devaluator {
 public:
  // A null `exporter` is a context without a session (V-66).
  Devaluator(Exporter* exporter, Ownership ownership, std::string& out)
      : exporter_(exporter), ownership_(ownership), out_(out), begin_(out.size()) {}

  // `depth` levels of values lie around this one (L-5).
  bool value(const Value& value, std::size_t depth);
  bool items(std::span<const Value> items, std::size_t depth);
  bool error(const Error& error, std::size_t depth);

  // Restores the text and takes back the exports (O-24). REQUIRES: a function gave false.
  Error take_back();

 private:
  void number(double number);
  void date(Date date);
  bool object(const Object& object, std::size_t depth);
  bool bytes(const Bytes& bytes);
  bool url(const Url& url);
  void sent_error(const Error& error, std::string_view message, std::string_view stack,
                  std::size_t depth);
  bool error_property(std::string_view key, const Value& property, std::size_t depth);

  // Capabilities.
  bool stub(const detail::HookRef& hook);
  bool promise(const detail::PromiseRef& promise);
  bool readable(const detail::HookRef& hook);
  bool writable(const detail::HookRef& hook);
  bool may_send(std::string_view what);
  bool is_alive(const detail::HookRef& hook);
  bool put_export(std::string_view kind, Expected<ExportId> id);
  bool put_readable(Expected<ImportId> id);

  // Headers, Request, Response, Blob.
  bool headers(const Headers& headers);
  bool request(const Request& request, std::size_t depth);
  bool response(const Response& response, std::size_t depth);
  bool blob(const Blob& blob, std::size_t depth);
  bool body(const Value& body, std::size_t depth);
  void header_pairs(const Headers& headers);
  bool plain(const Value& value, std::size_t depth);
  bool plain_members(const Object& init, std::size_t depth, std::span<const std::string_view> names,
                     bool& is_first);

  bool is_too_deep(std::size_t depth);
  bool fail(Error error);
  // How far it had come at some point, to go back there.
  struct Mark {
    std::size_t size = 0;
    std::size_t exports = 0;
    std::size_t pipes = 0;
  };
  Mark mark() const noexcept { return {out_.size(), exported_.size(), pipes_.size()}; }
  void restore(Mark mark);

  Exporter* exporter_;
  Ownership ownership_;
  std::string& out_;
  std::size_t begin_;
  std::vector<ExportId> exported_;
  std::vector<ImportId> pipes_;
  std::optional<Error> failure_;
};

}  // namespace capnweb
