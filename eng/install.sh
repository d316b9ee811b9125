# Installs what is missing. Sourced after common.sh.
#
# Things are found by their files, not by their packages: that takes no time when all is there, and it is right on machines where
# they came another way.

# here GLOB…: at least one such file exists.
here() { compgen -G "$1" >/dev/null || { (($# > 1)) && here "${@:2}"; }; }

# lacking: the Debian packages that would bring what this machine does not have, one a line.
lacking() {
    command -v g++ >/dev/null || echo g++
    command -v cmake >/dev/null || echo cmake
    command -v make >/dev/null || echo make
    if [[ -z ${SCONCE_LIBTORCH:-} ]]; then   # another libtorch brings its own matrix products
        here /usr/include/torch/csrc/api/include/torch/version.h || echo libtorch-dev
        here /usr/include/dnnl.hpp /usr/include/oneapi/dnnl/dnnl.hpp || echo libdnnl-dev
        here '/usr/lib/*/openblas-openmp/libopenblas.so.0' || echo libopenblas0-openmp
    fi
    here '/usr/lib/*/libturbojpeg.so.0' /usr/lib/libturbojpeg.so.0 /usr/lib64/libturbojpeg.so.0 /usr/local/lib/libturbojpeg.so.0 || echo libturbojpeg0
    [[ -z ${wants_video:-} ]] || command -v ffmpeg >/dev/null || echo ffmpeg
}

# names_video ARGUMENT…: whether a video is among them; only then is ffmpeg needed.
names_video() {
    local argument
    for argument; do
        case ${argument,,} in *.mp4 | *.m4v | *.mov | *.mkv | *.webm | *.avi | *.mpg | *.mpeg | *.mts | *.wmv | *.flv | *.ogv | *.3gp) return 0 ;; esac
    done
    return 1
}

# as_root: how to become root without a question, as a command prefix; fails where that cannot be.
as_root() {
    if ((EUID == 0)); then echo env
    elif sudo -n true 2>/dev/null; then echo 'sudo -n env'
    else return 1; fi
}

# install_packages PACKAGE…: from Debian when that may be; otherwise says the one line to type, and stops.
install_packages() {
    local line="apt-get install -y --no-install-recommends $*" prefix
    command -v apt-get >/dev/null ||
        fail "missing: $*. These are Debian's names and there is no apt-get here: install their equivalents, then run this again."
    prefix=$(as_root) || fail "missing: $*. Type this, then run the command again:
    sudo apt-get update && sudo $line"

    say "installing $* (once; log: artifacts/logs/apt.log)"
    here '/var/lib/apt/lists/*Packages*' || logged apt $prefix apt-get update || true
    if ! logged apt $prefix DEBIAN_FRONTEND=noninteractive $line 2>/dev/null; then
        # The package lists may be old, and name files that the mirror no longer has.
        logged apt $prefix apt-get update || true
        logged apt $prefix DEBIAN_FRONTEND=noninteractive $line ||
            fail "apt-get could not install $* (its words are above). To try by hand:
    $( ((EUID == 0)) || echo 'sudo ')$line"
    fi
}

# need_packages: everything that computing takes (tensors, images, the native part's compiler), and ffmpeg where wants_video is set.
need_packages() {
    local packages
    mapfile -t packages < <(lacking)
    ((${#packages[@]} == 0)) && return 0
    install_packages "${packages[@]}"
    mapfile -t packages < <(lacking)
    ((${#packages[@]} == 0)) || fail "installed, and yet not found: ${packages[*]}"
}

# need_icu: the SDK ends at once where it finds none, and no package of Debian's that Sconce needs brings it.
need_icu() {
    [[ -z ${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-} ]] || return 0
    here '/usr/lib/*/libicuuc.so.*' '/usr/lib/libicuuc.so.*' '/usr/lib64/libicuuc.so.*' && return 0
    local name
    name=$(apt-cache --names-only search '^libicu[0-9]+$' 2>/dev/null | cut -d ' ' -f 1 | sort -V | tail -n 1) || true
    install_packages "${name:-libicu-dev}"
}

# need_sdk: the .NET SDK that builds; from Debian or Ubuntu where they have it.
need_sdk() {
    need_icu
    has_sdk && return 0
    if command -v apt-cache >/dev/null && [[ -n $(apt-cache --names-only search '^dotnet-sdk-10\.0$' 2>/dev/null) ]]; then
        install_packages dotnet-sdk-10.0
        has_sdk && return 0
    fi
    fail 'the .NET 10 SDK is missing, and Debian does not have it. Type this, then run the command again:
    curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0'
}
