// poller.hpp: waits for many sockets at once.
#pragma once

#include "common/socket.hpp"

namespace bench {

class Poller {
 public:
  // What is told of a socket. Must outlive its last wait().
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void on_readable() = 0;
    virtual void on_writable() = 0;
  };

  Poller();

  // Readable is always told; writable while it is asked for.
  void add(int fd, Handler& handler, bool writable);
  void change(int fd, Handler& handler, bool writable);

  // Waits for at most `milliseconds`, -1 without end, and tells who is ready.
  void wait(int milliseconds);

 private:
  void control(int operation, int fd, Handler& handler, bool writable);
  Fd epoll_;
};

}  // namespace bench
