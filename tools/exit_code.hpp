// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_EXIT_CODE_HPP
#define BINARLY_TOOLS_EXIT_CODE_HPP

#include <stdexcept>
#include <string>

namespace binarly::tools {

/// What the command's exit tells its caller. Of several reasons, `usage` wins over `unavailable`,
/// and that over `problems`.
enum class exit_code {
  good = 0,
  problems = 1,     ///< some upload is missing, mismatched or forbidden
  usage = 2,        ///< the command line, the environment or the manifest cannot be used
  unavailable = 3,  ///< the platform's word could not be had, or results could not be written
  drained = 4,      ///< stopped by a signal, and what was in flight has finished
};

/// The one of the two that the caller is told.
[[nodiscard]] constexpr exit_code worse(exit_code left, exit_code right) noexcept {
  const auto weight = [](exit_code code) {
    switch (code) {
      case exit_code::good:
        return 0;
      case exit_code::problems:
        return 1;
      case exit_code::drained:
        return 2;
      case exit_code::unavailable:
        return 3;
      case exit_code::usage:
        return 4;
    }
    return 4;
  };
  return weight(left) < weight(right) ? right : left;
}

/// Ends the command with one line for its user.
class command_error : public std::runtime_error {
 public:
  command_error(exit_code code, const std::string& line) : std::runtime_error(line), code_(code) {}
  [[nodiscard]] exit_code code() const noexcept { return code_; }

 private:
  exit_code code_;
};

}  // namespace binarly::tools

#endif
