// expect: only a handler that returns a Task can take a std::stop_token
#include <capnweb/contract.hpp>

struct Worker {
#if defined(BAD)
  int work(std::stop_token) { return 1; }
#else
  capnweb::Task<int> work(std::stop_token) { co_return 1; }
#endif
  struct Rpc {
    capnweb::Method<&Worker::work> work;
  };
};

capnweb::Stub<Worker> serve() { return std::make_shared<Worker>(); }
