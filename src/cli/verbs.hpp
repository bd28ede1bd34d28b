// verbs.hpp: what the program can do. Each verb adds itself, with its arguments, to the program.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace capnweb {

// What the verb does once all arguments are read and checked; throws if that does not work.
using Action = std::function<void()>;

// Parsing the verb sets `chosen`. Both are kept by reference until parsing is over.
void add_proxy_verb(CLI::App& app, Action& chosen);
// In builds with capnweb::webtransport.
void add_cert_verb(CLI::App& app, Action& chosen);

}  // namespace capnweb
