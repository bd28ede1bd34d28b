// server_entrance.hpp: another way into a server, beside its TCP port.
#pragma once

#include <cstddef>
#include <string_view>

namespace capnweb {

// A server closes and drains its entrances with itself; each asks it for sessions
// (HttpServer::open_session) and tells it of connections that are gone (entrance_changed).
class ServerEntrance {
 public:
  // Those that are open now.
  virtual std::size_t connections() const noexcept = 0;
  // Takes no new connections and closes those whose calls are answered; called again and again.
  virtual void drain(std::string_view reason) = 0;
  // Takes no new connections and closes all.
  virtual void close(std::string_view reason) = 0;

 protected:
  ~ServerEntrance() = default;
};

}  // namespace capnweb
