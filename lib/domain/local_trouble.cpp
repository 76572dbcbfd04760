// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/local_trouble.hpp"

#include <boost/system/system_category.hpp>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace binarly::domain {

const local_trouble* find_local_trouble(const error_code& cause) noexcept {
  static constexpr local_trouble of_process{
      "this process has no file descriptor left",
      "raise its limit of open files (ulimit -n), or use fewer connections"};
  static constexpr local_trouble of_system{
      "this machine has no file descriptor left",
      "raise the machine's limit of open files (fs.file-max), or stop what holds so many"};
  static constexpr local_trouble of_memory{
      "this machine has no memory left for a connection",
      "give this machine more memory, or use fewer connections"};
  static constexpr local_trouble of_ports{
      "this machine has no address or no port left to connect from",
      "look at this machine's network, widen its range of local ports "
      "(net.ipv4.ip_local_port_range), or use fewer connections"};
  static constexpr local_trouble of_policy{
      "this machine does not allow the connection",
      "look at this machine's firewall and at what else forbids connections here"};
  if (cause.category() != boost::system::system_category()) return nullptr;
  switch (cause.value()) {
    case EMFILE:
      return &of_process;
    case ENFILE:
      return &of_system;
    case ENOBUFS:
    case ENOMEM:
      return &of_memory;
    case EADDRNOTAVAIL:
      return &of_ports;
    case EACCES:
    case EPERM:
      return &of_policy;
    default:
      return nullptr;
  }
}

error_code descriptor_shortage() noexcept {
  const int tried = ::open("/dev/null", O_RDONLY | O_CLOEXEC);  // NOLINT(*-vararg)
  if (tried >= 0) {
    ::close(tried);
    return {};
  }
  const int why = errno;
  return why == EMFILE || why == ENFILE ? error_code(why, boost::system::system_category())
                                        : error_code();
}

}  // namespace binarly::domain
