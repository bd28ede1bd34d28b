// proxy_verb.cpp: capnweb proxy --listen URL --upstream URL
#include <CLI/CLI.hpp>
#include <capnweb/start.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/listen_address.hpp"
#include "cli/proxy.hpp"
#include "cli/verbs.hpp"
#include "net/url.hpp"

namespace capnweb {

namespace {

struct ProxyArguments {
  std::string listen;
  std::string upstream;
  std::vector<std::string> hosts;
  std::vector<std::string> origins;
};

std::string check_listen(const std::string& text) {
  const auto address = parse_listen_address(text);
  return address ? "" : address.error().message();
}

std::string check_upstream(const std::string& text) {
  const auto url = parse_server_url(text);
  if (!url) return url.error().message();
  return url->is_secure() ? "cannot connect to '" + text + "': there is no TLS yet" : "";
}

// Throws CLI::ValidationError.
ProxyOptions options_of(const ProxyArguments& arguments) {
  const ListenAddress listen = *parse_listen_address(arguments.listen);
  if (!listen.takes_batches && !parse_server_url(arguments.upstream)->is_websocket())
    throw CLI::ValidationError(
        "--upstream",
        "WebSockets cannot go to an http:// upstream, where every session ends with "
        "its first answer; name a ws:// upstream, or listen on http://");
  return {.server = {.host = listen.host,
                     .port = listen.port,
                     .path = listen.path,
                     .hosts = arguments.hosts,
                     .origins = arguments.origins},
          .takes_batches = listen.takes_batches,
          .upstream = arguments.upstream};
}

Task<> until_signal() { co_await wait_for_signal(); }

Task<> serve(ProxyOptions options) {
  Proxy proxy(Loop::current(), std::move(options));
  // Waits from now on: who reads the next line may send it at once.
  auto signal = start(until_signal());
  std::cout << "listening on " << proxy.port() << '\n' << std::flush;
  co_await signal;
  co_await proxy.drain();
}

}  // namespace

void add_proxy_verb(CLI::App& app, Action& chosen) {
  const auto arguments = std::make_shared<ProxyArguments>();
  CLI::App& verb = *app.add_subcommand(
      "proxy", "Relays sessions to another server, call by call. Prints \"listening on PORT\".");
  const auto add = [&verb](const char* name, auto& value, const char* help) {
    return verb.add_option(name, value, help)->type_name("URL")->allow_extra_args(false);
  };
  add("--listen", arguments->listen,
      "ws://HOST:PORT/PATH takes WebSockets, http://HOST:PORT/PATH batches, too. Port 0 is any.")
      ->required()
      ->check(CLI::Validator(check_listen, ""));
  add("--upstream", arguments->upstream,
      "The server: ws://HOST:PORT/PATH, or http:// where only batches come.")
      ->required()
      ->check(CLI::Validator(check_upstream, ""));
  add("--host", arguments->hosts, "A name by which clients may call it; * is any. Repeatable.")
      ->type_name("NAME");
  add("--origin", arguments->origins, "Pages of this origin may call it; * is any. Repeatable.");
  verb.callback([arguments, &chosen] {
    chosen = [options = options_of(*arguments)] { run(serve(options)); };
  });
}

}  // namespace capnweb
