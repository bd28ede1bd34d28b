// h3_settings.hpp: what each side tells the other about its HTTP/3.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "net/webtransport/h3_names.hpp"

namespace capnweb {

struct H3Settings {
  bool connect_protocol = false;
  bool datagrams = false;
  bool webtransport = false;  // of any draft

  bool can_open_sessions() const noexcept { return datagrams && webtransport; }
};

// Reads the payload of a SETTINGS frame; what is not known is ignored.
std::variant<H3Settings, H3Error> parse_h3_settings(std::string_view payload);

// Appends what a control stream begins with: its type and our settings.
void append_h3_control_head(std::string& out);

}  // namespace capnweb
