// devaluate_fetch.cpp: Headers, Request, Response and Blob as expressions (sections 1.8 and 1.9).
#include <utility>

#include "value/json_writer.hpp"
#include "wire/devaluate.hpp"
#include "wire/fetch_members.hpp"

namespace capnweb {

namespace {

void begin_member(std::string& out, std::string_view name, bool& is_first) {
  if (!std::exchange(is_first, false)) out += ',';
  out += '"';
  out += name;
  out += "\":";
}

// A body of text says so, as fetch's constructors make it (V-48).
Headers with_content_type(const Headers& headers, const Value& body) {
  Headers complete = headers;
  if (body.is_string() && !headers.get("content-type"))
    complete.append("content-type", "text/plain;charset=UTF-8");
  return complete;
}

}  // namespace

void Devaluator::header_pairs(const Headers& headers) {
  out_ += '[';
  bool is_first = true;
  for (const auto& [name, content] : headers.sorted()) {
    if (!std::exchange(is_first, false)) out_ += ',';
    out_ += '[';
    write_json_string(out_, name);
    out_ += ',';
    write_json_string(out_, content);
    out_ += ']';
  }
  out_ += ']';
}

// Always a stream, also for a body at hand.
bool Devaluator::body(const Value& body) {
  if (auto* stream = body.get_if<detail::ReadableRef>()) return readable(stream->hook);
  const auto* text = body.get_if<std::string>();
  const auto* bytes = body.get_if<Bytes>();
  if (!text && !bytes)
    return fail(Error::type_error("A body must be text, bytes or a stream, not " +
                                  std::string(body.kind_name()) + "."));
  if (!exporter_) return fail(Error("Can't serialize ReadableStream in this context."));
  auto id = exporter_->create_pipe(text ? Bytes::from_text(*text) : *bytes);
  if (!id) return fail(std::move(id.error()));
  out_ += R"(["readable",)";
  put_id(static_cast<std::int64_t>(*id));
  out_ += ']';
  return true;
}

// JSON that was received unevaluated goes out again as it was.
bool Devaluator::plain(const Value& value) {
  if (auto* array = value.get_if<Array>()) {
    out_ += '[';
    for (const Value& item : *array) {
      if (&item != array->data()) out_ += ',';
      if (!plain(item)) return false;
    }
    out_ += ']';
    return true;
  }
  if (auto* object = value.get_if<Object>()) {
    out_ += '{';
    bool is_first = true;
    for (const auto& [key, item] : *object) {
      if (!std::exchange(is_first, false)) out_ += ',';
      write_json_string(out_, key);
      out_ += ':';
      if (!plain(item)) return false;
    }
    out_ += '}';
    return true;
  }
  return this->value(value, 0);
}

bool Devaluator::members(const Object& init, std::span<const std::string_view> names,
                         bool& is_first) {
  for (std::string_view name : names) {
    const Value* found = init.find(name);
    if (!found) continue;
    begin_member(out_, name, is_first);
    if (!plain(*found)) return false;
  }
  return true;
}

bool Devaluator::request(const Request& request) {
  out_ += R"(["request",)";
  write_json_string(out_, request.url);
  out_ += ",{";
  bool is_first = true;
  if (request.method != "GET") {
    begin_member(out_, "method", is_first);
    write_json_string(out_, request.method);
  }
  const Headers headers = with_content_type(request.headers, request.body);
  if (!headers.empty()) {
    begin_member(out_, "headers", is_first);
    header_pairs(headers);
  }
  if (!request.body.is_null() && !request.body.is_undefined()) {
    begin_member(out_, "body", is_first);
    if (!body(request.body)) return false;
    out_ += R"(,"duplex":"half")";
  }
  if (!members(request.init, kRequestMembers, is_first)) return false;
  out_ += "}]";
  return true;
}

bool Devaluator::response(const Response& response) {
  out_ += R"(["response",)";
  if (response.body.is_null() || response.body.is_undefined()) {
    out_ += "null";
  } else if (!body(response.body)) {
    return false;
  }
  out_ += ",{";
  bool is_first = true;
  if (response.status != 200) {
    begin_member(out_, "status", is_first);
    write_json_integer(out_, response.status);
  }
  if (!response.status_text.empty()) {
    begin_member(out_, "statusText", is_first);
    write_json_string(out_, response.status_text);
  }
  const Headers headers = with_content_type(response.headers, response.body);
  if (!headers.empty()) {
    begin_member(out_, "headers", is_first);
    header_pairs(headers);
  }
  if (!members(response.init, kResponseMembers, is_first)) return false;
  out_ += "}]";
  return true;
}

bool Devaluator::blob(const Blob& blob) {
  if (!exporter_) return fail(Error("Cannot create pipes without an RPC session."));
  auto id = exporter_->create_pipe(blob.bytes);
  if (!id) return fail(std::move(id.error()));
  out_ += R"(["blob",)";
  write_json_string(out_, blob.type);
  out_ += R"(,["readable",)";
  put_id(static_cast<std::int64_t>(*id));
  out_ += "]]";
  return true;
}

}  // namespace capnweb
