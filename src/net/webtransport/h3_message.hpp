// h3_message.hpp: requests and responses out of HTTP/3's fields.
#pragma once

#include <capnweb/value.hpp>
#include <string>
#include <variant>

#include "net/webtransport/h3_names.hpp"
#include "net/webtransport/qpack.hpp"

namespace capnweb {

struct H3Request {
  std::string method;
  std::string protocol;  // of an extended CONNECT, or empty
  std::string scheme;
  std::string authority;  // the host and port that the client names
  std::string path;       // with the query
  Headers headers = {};

  bool wants_webtransport() const noexcept;
};

// Both check what RFC 9114, 4.2 and 4.3, make of a message: pseudo-headers first, once each and
// those of its kind only, names in lower case, no field of a connection. A client asks for a
// session with a CONNECT that has a protocol (RFC 9220).
std::variant<H3Request, H3Error> read_h3_request(const H3Fields& fields);

struct H3Response {
  int status = 0;
  Headers headers = {};
};
std::variant<H3Response, H3Error> read_h3_response(const H3Fields& fields);

// What opens a session: of draft-02, which all know, with headers of the application's.
H3Fields make_wt_request(const std::string& authority, const std::string& path,
                         const Headers& headers);

}  // namespace capnweb
