// devaluate_fetch.cpp: Headers, Request, Response and Blob as expressions (sections 1.8 and 1.9 of
// the rules).
#include <cmath>
#include <utility>

#include "value/json_writer.hpp"
#include "wire/devaluate.hpp"
#include "wire/fetch_rules.hpp"

namespace capnweb {

namespace {

void begin_member(std::string& out, std::string_view name, bool& is_first) {
  if (!std::exchange(is_first, false)) out += ',';
  write_json_string(out, name);
  out += ':';
}

}  // namespace

void Devaluator::header_pairs(const Headers& headers) {
  char separator = '[';
  for (const auto& [name, content] : headers.sorted()) {
    out_ += std::exchange(separator, ',');
    out_ += '[';
    write_json_string(out_, name);
    out_ += ',';
    write_json_string(out_, content);
    out_ += ']';
  }
  out_ += separator == '[' ? "[]" : "]";
}

bool Devaluator::headers(const Headers& headers) {
  if (auto invalid = check_headers(headers)) return fail(*std::move(invalid));
  out_ += R"(["headers",)";
  header_pairs(headers);
  out_ += ']';
  return true;
}

// Always a stream, also for a body at hand (V-48).
bool Devaluator::body(const Value& body, std::size_t depth) {
  if (is_too_deep(depth)) return false;
  if (const auto* stream = body.get_if<detail::ReadableRef>()) return readable(stream->hook);
  if (!may_send("ReadableStream")) return false;
  if (const auto* text = body.get_if<std::string>())
    return put_readable(exporter_->create_pipe(encode_utf8(*text)));
  if (const auto* bytes = body.get_if<Bytes>())
    return put_readable(exporter_->create_pipe(Bytes(bytes->span())));
  return fail(not_a_body(body));
}

// As JSON.stringify has it: this is JSON that the peer does not evaluate.
bool Devaluator::plain(const Value& value, std::size_t depth) {
  if (is_too_deep(depth)) return false;
  if (const auto* array = value.get_if<Array>()) {
    char separator = '[';
    for (const Value& item : *array) {
      out_ += std::exchange(separator, ',');
      if (!plain(item, depth + 1)) return false;
    }
    out_ += separator == '[' ? "[]" : "]";
    return true;
  }
  if (const auto* object = value.get_if<Object>()) {
    out_ += '{';
    bool is_first = true;
    for (const auto& [key, item] : *object) {
      if (item.is_undefined()) continue;
      begin_member(out_, key, is_first);
      if (!plain(item, depth + 1)) return false;
    }
    out_ += '}';
    return true;
  }
  const auto* number = value.get_if<double>();
  if (value.is_undefined() || (number && !std::isfinite(*number))) {
    out_ += "null";
    return true;
  }
  if (value.is_null() || value.is_boolean() || value.is_number() || value.is_string())
    return this->value(value, depth);
  return fail(not_plain(value));
}

bool Devaluator::plain_members(const Object& init, std::size_t depth,
                               std::span<const std::string_view> names, bool& is_first) {
  for (std::string_view name : names) {
    const Value* found = init.find(name);
    if (!found || found->is_undefined()) continue;
    begin_member(out_, name, is_first);
    if (!plain(*found, depth)) return false;
  }
  return true;
}

bool Devaluator::request(const Request& request, std::size_t depth) {
  if (auto invalid = check_request(request)) return fail(*std::move(invalid));
  out_ += R"(["request",)";
  write_json_string(out_, request.url);
  out_ += ",{";
  bool is_first = true;
  if (const std::string method = normalized_method(request.method); method != "GET") {
    begin_member(out_, "method", is_first);
    write_json_string(out_, method);
  }
  const Headers headers = complete_headers(request.headers, request.body);
  if (!headers.empty()) {
    begin_member(out_, "headers", is_first);
    header_pairs(headers);
  }
  if (has_body(request.body)) {
    begin_member(out_, "body", is_first);
    if (!body(request.body, depth + 1)) return false;
    out_ += R"(,"duplex":"half")";
  }
  if (!plain_members(request.init, depth + 1, kRequestMembers, is_first)) return false;
  out_ += "}]";
  return true;
}

bool Devaluator::response(const Response& response, std::size_t depth) {
  if (auto invalid = check_response(response)) return fail(*std::move(invalid));
  out_ += R"(["response",)";
  // The peer evaluates the null of a missing body as well (L-2).
  if (!(has_body(response.body) ? body(response.body, depth + 1) : value(nullptr, depth + 1)))
    return false;
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
  const Headers headers = complete_headers(response.headers, response.body);
  if (!headers.empty()) {
    begin_member(out_, "headers", is_first);
    header_pairs(headers);
  }
  if (!plain_members(response.init, depth + 1, kResponseMembers, is_first)) return false;
  out_ += "}]";
  return true;
}

// Refused in the error of a reject, where the peer does not wait for its bytes (S-36).
bool Devaluator::blob(const Blob& blob, std::size_t depth) {
  if (!exporter_) return fail(Error("Cannot create pipes without an RPC session."));
  if (!may_send("Blob") || is_too_deep(depth + 1)) return false;
  out_ += R"(["blob",)";
  write_json_string(out_, blob.type);
  out_ += ',';
  if (!put_readable(exporter_->create_pipe(Bytes(blob.bytes.span())))) return false;
  out_ += ']';
  return true;
}

}  // namespace capnweb
