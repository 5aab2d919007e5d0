# Tries an S3-compatible store from inside the cluster: writes a small object, reads it, deletes it. How far it got is
# the exit code, which `files.rs` knows by number; what the store said goes where Kubernetes keeps it.
#
# Wants: HOST PORT; TLS, arguments for openssl, empty for plain HTTP; PUT GET DELETE, whole requests, already signed.
export LC_ALL=C

say() { printf '%s' "$1" | head -c 1000 > "${SAY:-/dev/termination-log}"; }
end() { say "$2"; exit "$1"; }

# Without a program nothing is found out, and nothing may be concluded.
for program in getent timeout ${TLS:+openssl}; do
    command -v "$program" > /dev/null || end 127 "no $program in this image"
done

{ getent hosts "$HOST" || getent ahosts "$HOST"; } > /dev/null || end 10 "no address for $HOST"

timeout 8 bash -c 'exec 3<> "/dev/tcp/$HOST/$PORT"' 2> /dev/null
case $? in
    0) ;;
    124 | 143) end 12 "no answer from $HOST:$PORT" ;;
    *) end 11 "nothing listens at $HOST:$PORT" ;;
esac

if [ -n "$TLS" ]; then
    # Unquoted on purpose: these are several arguments.
    said=$(timeout 15 openssl s_client -connect "$HOST:$PORT" $TLS -verify_return_error < /dev/null 2>&1)
    case $? in
        0) ;;
        124 | 143) end 12 "no answer from $HOST:$PORT" ;;
        *)
            # It names what it does not like about a certificate; without that there was none to look at.
            error=$(printf '%s' "$said" | grep -m 1 '^verify error') && end 14 "$error"
            end 15 "$(printf '%s' "$said" | grep -m 1 'error')"
            ;;
    esac
fi

# Sends $REQUEST; status and S3's own code of the answer go to $status and $code.
exchange() {
    export REQUEST=$1
    if [ -n "$TLS" ]; then
        answer=$(printf '%s' "$REQUEST" |
            timeout 20 openssl s_client -quiet -connect "$HOST:$PORT" $TLS -verify_return_error 2> /dev/null |
            head -c 4000 | tr -d '\0')
    else
        answer=$(timeout 20 bash -c 'exec 3<> "/dev/tcp/$HOST/$PORT"; printf %s "$REQUEST" >&3; head -c 4000 <&3' |
            tr -d '\0')
    fi
    [[ $answer =~ ^HTTP/[0-9.]+\ ([0-9]{3}) ]] || end 13 "$(printf '%s' "$answer" | head -n 1)"
    status=${BASH_REMATCH[1]} code=
    [[ $answer =~ \<Code\>([A-Za-z0-9]+)\</Code\> ]] && code=${BASH_REMATCH[1]}
}

exchange "$PUT"
[[ $status == 2* ]] || end 20 "$status $code"
exchange "$GET"
[[ $status == 2* ]] || end 21 "$status $code"
exchange "$DELETE"
[[ $status == 2* ]] || end 22 "$status $code"
