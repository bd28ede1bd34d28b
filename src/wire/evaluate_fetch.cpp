// evaluate_fetch.cpp: URL, Headers, Request, Response (section 1.8).
#include <algorithm>
#include <utility>

#include "wire/evaluate.hpp"
#include "wire/fetch_members.hpp"

namespace capnweb {

namespace {

// JSON that is handed on as it is, unevaluated.
Value as_plain_value(JsonView json) {
  switch (json.type()) {
    case JsonType::kNull:
      return nullptr;
    case JsonType::kFalse:
      return false;
    case JsonType::kTrue:
      return true;
    case JsonType::kNumber:
      return json.number();
    case JsonType::kString:
      return json.string();
    case JsonType::kArray: {
      Array items;
      items.reserve(json.size());
      for (JsonView item : json) items.push_back(as_plain_value(item));
      return items;
    }
    case JsonType::kObject:
      break;
  }
  Object object;
  for (auto entry = json.begin(); entry != json.end(); ++entry) {
    const std::string_view key = (*entry).string();
    ++entry;
    object.set(std::string(key), as_plain_value(*entry));
  }
  return object;
}

// A member of an init object, the last of that name; null view if there is none.
JsonView member(JsonView init, std::string_view name) {
  JsonView found;
  if (!init.is_object()) return found;
  for (auto entry = init.begin(); entry != init.end(); ++entry) {
    const bool is_it = (*entry).string() == name;
    ++entry;
    if (is_it) found = *entry;
  }
  return found;
}

bool is_truthy(JsonView json) {
  if (!json.node()) return false;
  switch (json.type()) {
    case JsonType::kNull:
    case JsonType::kFalse:
      return false;
    case JsonType::kNumber:
      return json.number() != 0;
    case JsonType::kString:
      return !json.string().empty();
    default:
      return true;
  }
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Whether a URL parser would take the text for an absolute URL. Peers send what one printed.
bool is_absolute_url(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(text[0])) return false;
  for (char c : text.substr(0, colon))
    if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.') return false;
  std::string scheme(text.substr(0, colon));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (scheme != "http" && scheme != "https" && scheme != "ws" && scheme != "wss" &&
      scheme != "ftp")
    return true;
  const std::size_t host = text.find_first_not_of("/\\", colon + 1);
  return host != std::string_view::npos && text[host] != '?' && text[host] != '#' &&
         text[host] != ':' && text[host] != '@';
}

void keep_members(JsonView init, std::span<const std::string_view> names, Object& out) {
  for (std::string_view name : names)
    if (JsonView found = member(init, name); found.node())
      out.set(std::string(name), as_plain_value(found));
}

}  // namespace

bool Evaluator::url(JsonView json, std::size_t, Value& out) {
  if (json.size() != 2 || !json[1].is_string()) return fail_unknown(json);
  if (!is_absolute_url(json[1].string())) return fail(Error::type_error("Invalid URL"));
  out = Url{std::string(json[1].string())};
  return true;
}

bool Evaluator::headers(JsonView json, std::size_t, Value& out) {
  if (json.size() != 2 || !json[1].is_array()) return fail_unknown(json);
  Headers headers;
  if (!header_pairs(json[1], headers)) return false;
  out = Value(std::move(headers));
  return true;
}

bool Evaluator::header_pairs(JsonView json, Headers& out) {
  for (JsonView pair : json) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
      return fail(Error::type_error("Headers must be an array of pairs of strings."));
    try {
      out.append(pair[0].string(), pair[1].string());
    } catch (const Error& error) {
      return fail(error);
    }
  }
  return true;
}

bool Evaluator::body(JsonView json, std::size_t depth, std::string_view owner, Value& out) {
  if (!evaluate(json, depth, out)) return false;
  const auto* bytes = out.get_if<Bytes>();
  if (out.is_null() || out.is_string() || (bytes && bytes->kind() == BytesKind::kUint8Array) ||
      out.kind() == Kind::kReadableStream)
    return true;
  return fail(Error::type_error(std::string(owner) + " body must be of type ReadableStream."));
}

bool Evaluator::request(JsonView json, std::size_t depth, Value& out) {
  if (json.size() != 3 || !json[1].is_string() || (!json[2].is_object() && !json[2].is_array()))
    return fail_unknown(json);
  const JsonView init = json[2];
  Request request{.url = std::string(json[1].string())};
  if (!is_absolute_url(request.url)) return fail(Error::type_error("Invalid URL"));
  if (JsonView found = member(init, "body"); is_truthy(found))
    if (!body(found, depth + 1, "Request", request.body)) return false;
  if (is_truthy(member(init, "signal")))
    return fail(Error::type_error("Request siganl must be of type AbortSignal."));  // V-49, sic
  if (JsonView found = member(init, "headers"); is_truthy(found)) {
    if (!found.is_array())
      return fail(
          Error::type_error("Request headers must be serialized as an array of pairs."));
    if (!header_pairs(found, request.headers)) return false;
  }
  if (JsonView found = member(init, "method"); found.node() && found.is_string())
    request.method = std::string(found.string());
  keep_members(init, kRequestMembers, request.init);
  out = Value(std::move(request));
  return true;
}

bool Evaluator::response(JsonView json, std::size_t depth, Value& out) {
  if (json.size() != 3 || !json[2].is_object()) return fail_unknown(json);
  const JsonView init = json[2];
  Response response;
  if (!body(json[1], depth + 1, "Response", response.body)) return false;
  if (is_truthy(member(init, "webSocket")))
    return fail(Error::type_error("Can't deserialize a Response containing a webSocket."));
  if (JsonView found = member(init, "headers"); is_truthy(found)) {
    if (!found.is_array())
      return fail(
          Error::type_error("Request headers must be serialized as an array of pairs."));
    if (!header_pairs(found, response.headers)) return false;
  }
  if (JsonView found = member(init, "status"); found.node()) {
    if (!found.is_number() || !(found.number() >= 200 && found.number() <= 599))
      return fail(Error::range_error("The status of a Response must be between 200 and 599."));
    response.status = static_cast<int>(found.number());
  }
  const bool needs_no_body =
      response.status == 204 || response.status == 205 || response.status == 304;
  if (needs_no_body && !response.body.is_null())
    return fail(Error::type_error("A Response with status " + std::to_string(response.status) +
                                  " can't have a body."));
  if (JsonView found = member(init, "statusText"); found.node() && found.is_string())
    response.status_text = std::string(found.string());
  keep_members(init, kResponseMembers, response.init);
  out = Value(std::move(response));
  return true;
}

}  // namespace capnweb
