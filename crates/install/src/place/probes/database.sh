# Tries a PostgreSQL from inside the cluster and leaves nothing in it. How far it got is the exit code, which
# `database.rs` knows by number; the last words of whatever failed go where Kubernetes keeps them.
#
# Wants: PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD, and OLDEST, a version as the server numbers them (120000 is 12).
export LC_ALL=C PGCONNECT_TIMEOUT=8

say() { printf '%s' "$1" | head -c 1000 > "${SAY:-/dev/termination-log}"; }
end() { say "$2"; exit "$1"; }
ask() { timeout 30 psql -X -w -q -At -v ON_ERROR_STOP=1 "$@" 2>&1; }

# Without a program nothing is found out, and nothing may be concluded.
for program in getent timeout pg_isready psql; do
    command -v "$program" > /dev/null || end 127 "no $program in this image"
done

{ getent hosts "$PGHOST" || getent ahosts "$PGHOST"; } > /dev/null || end 10 "no address for $PGHOST"

timeout 8 bash -c 'exec 3<> "/dev/tcp/$PGHOST/$PGPORT"' 2> /dev/null
case $? in
    0) ;;
    124 | 143) end 12 "no answer from $PGHOST:$PGPORT" ;;
    *) end 11 "nothing listens at $PGHOST:$PGPORT" ;;
esac

pg_isready -q -t 8
case $? in
    0) ;;
    1) end 14 "it is starting" ;;
    *) end 13 "it does not speak PostgreSQL's protocol" ;;
esac

if ! version=$(ask -c 'show server_version_num'); then
    # A server looks at the password first and at the database's name afterwards. One that lets us into the database
    # that every server has took the password, and knows which databases there are.
    export TRIED=$PGDATABASE
    there=$(printf '%s' "select count(*) from pg_database where datname = :'tried'" |
        PGDATABASE=postgres ask -v tried="$TRIED" -f -) || end 15 "$version"
    [ "$there" = 0 ] && end 16 "$version"
    end 17 "$version"
fi
[ "$version" -ge "$OLDEST" ] || end 18 "$version"

# Taken back at once: the table is never there for anybody else.
created=$(printf '%s' 'begin; create table digit_installer_try (n int); rollback;' | ask -v VERBOSITY=sqlstate -f -) ||
    end 19 "${created##* }"
say "$version"
