# Debians in folders, for what is tried in a fresh one. Sourced after common.sh and install.sh; $place is the folder.

# need_chroot: what it takes to make one.
need_chroot() {
    local tool
    ((EUID == 0)) || fail 'a Debian of its own takes root: run this with sudo.'
    for tool in debootstrap git; do
        command -v "$tool" >/dev/null || install_packages "$tool"
    done
}

# as_a_debian: this machine's own settings stay outside.
as_a_debian() {
    unset SCONCE_NATIVE SCONCE_LIBTORCH TMPDIR DOTNET_ROOT
    export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
}

# The mirror that this machine's apt uses for Debian itself, in either form of its lists.
mirror() {
    local lists=(/etc/apt/sources.list /etc/apt/sources.list.d/*)
    { grep -hsoE '^(URIs:|deb ).*https?://[^ ]+/debian/?( |$)' "${lists[@]}" | grep -oE 'https?://[^ ]+' || echo http://deb.debian.org/debian; } | head -n 1
}

# Every file and folder of certificates that the environment names. They are copies: installing packages in there may rewrite them.
certificates() {
    local name
    while read -r name; do
        if [[ ${!name} == /* && -e ${!name} ]]; then readlink -m "${!name}"; fi
    done < <(compgen -e | grep -E 'CERT|CA_BUNDLE|CAINFO|SSL_ROOTS') | sort -u
}

furnish() {
    local file folder
    for file in $(certificates) /usr/local/share/ca-certificates; do
        [[ -e $file ]] || continue
        folder=$place$file
        [[ -d $file ]] || folder=$place${file%/*}
        mkdir -p "$folder"
        if [[ -d $file ]]; then cp -rL "$file/." "$folder/"; else cp -L "$file" "$folder/"; fi
    done
    cp /etc/resolv.conf "$place/etc/resolv.conf"
    for file in /etc/apt/apt.conf.d/*; do   # proxies and what else this machine's apt was told of the mirror; not its hooks
        if grep -qE '^ *Acquire::' "$file" && ! grep -qE 'Invoke|Post-|Pre-' "$file"; then cp "$file" "$place/etc/apt/apt.conf.d/"; fi
    done
}

# inside COMMAND…: in the Debian, with /proc, /dev and, where $sdk and $shared name them, the SDK and the shared folder, in namespaces
# that end with it.
inside() {
    PLACE=$place SDK=${sdk:-} SHARED=${shared:-} unshare --mount --pid --fork --kill-child --propagation private bash -c '
        set -e
        mount -t proc proc "$PLACE/proc"
        mount --rbind /dev "$PLACE/dev"
        borrow() { mkdir -p "$2"; mount --bind "$1" "$2"; mount -o remount,bind,ro "$2"; }
        if [[ -n $SDK ]]; then borrow "$SDK" "$PLACE/usr/share/dotnet"; fi
        if [[ -n $SHARED ]]; then borrow "$SHARED" "$PLACE/sconce/shared"; fi
        exec chroot "$PLACE" "$@"' inside "$@"
}
