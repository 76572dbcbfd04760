// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_CONNECT_PROXY_HPP
#define BINARLY_TESTS_SUPPORT_CONNECT_PROXY_HPP

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace binarly::testing {

/// What a proxy says to a CONNECT, and what it does then.
struct proxy_reply {
  enum class ending {
    relay,  ///< to the port that was asked for, connected to before anything is said
    close,
    hold,  ///< says nothing more until the client goes
  };

  std::string bytes = "HTTP/1.1 200 Connection established\r\n\r\n";
  /// So many bytes in each write; 0 for one write.
  std::size_t piece = 0;
  ending then = ending::relay;

  proxy_reply() = default;
  explicit proxy_reply(std::string said, ending next = ending::close);
};

/// A proxy that does what a test tells it. It relays to loopback alone, whatever host it is asked
/// for. Its context runs on one thread, which also destroys it.
class scripted_proxy {
 public:
  using script = std::function<proxy_reply(const std::string& head)>;

  /// Without a script it relays.
  explicit scripted_proxy(const boost::asio::any_io_executor& executor, script replies = {});
  ~scripted_proxy();
  scripted_proxy(const scripted_proxy&) = delete;
  scripted_proxy& operator=(const scripted_proxy&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::string url() const;
  /// The heads of the requests so far, with their blank lines.
  [[nodiscard]] const std::vector<std::string>& heads() const noexcept;
  /// Tunnels opened so far.
  [[nodiscard]] std::size_t tunnels() const noexcept;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace binarly::testing

#endif
