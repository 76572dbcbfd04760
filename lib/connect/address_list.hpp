// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_ADDRESS_LIST_HPP
#define BINARLY_CONNECT_ADDRESS_LIST_HPP

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace binarly::connect {

using address_list = std::vector<boost::asio::ip::address>;

/// A name with more addresses than this is connected to by the first ones only.
inline constexpr std::size_t most_addresses = 32;

/// The order in which to try them (RFC 8305, section 4): that of the resolver, which follows
/// RFC 6724, save that the families take turns, so that one which leads nowhere costs one attempt.
/// Without repetitions.
[[nodiscard]] address_list interleaved(const address_list& resolved);

/// What a name was resolved to, for as long as that may be believed.
class address_cache {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `lifetime` of zero: nothing is believed for longer than the moment.
  explicit address_cache(std::chrono::nanoseconds lifetime) : lifetime_(lifetime) {}

  void store(std::shared_ptr<const address_list> resolved, time_point now) {
    resolved_ = std::move(resolved);
    until_ = now + lifetime_;
  }
  /// None of them could be reached.
  void distrust(const std::shared_ptr<const address_list>& which) noexcept {
    if (resolved_ == which) resolved_.reset();
  }
  /// Null when the name must be resolved again.
  [[nodiscard]] std::shared_ptr<const address_list> look(time_point now) const noexcept {
    return now < until_ ? resolved_ : nullptr;
  }

 private:
  const std::chrono::nanoseconds lifetime_;
  std::shared_ptr<const address_list> resolved_;
  time_point until_;
};

}  // namespace binarly::connect

#endif
