namespace Sconce.Weights;

/// <summary>
/// What training scripts leave beside the tensors and what is no code: dates, slices, decimals, an enumeration's member. Python would
/// construct them; here they stay records of their
/// arguments, as instances of unknown classes do, so that one of them does not hide the weights.
/// </summary>
internal static class HarmlessObjects
{
    /// <summary>Constructors of Python's own library, of NumPy and of PyTorch that make plain values.</summary>
    private static readonly HashSet<string> Values = new(StringComparer.Ordinal)
    {
        "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "datetime.timezone", "zoneinfo.ZoneInfo",
            "zoneinfo.ZoneInfo._unpickle", "time.struct_time",
        "decimal.Decimal", "decimal.Context", "_decimal.Decimal", "_pydecimal.Decimal", "fractions.Fraction", "uuid.UUID", "uuid.SafeUUID",
        "builtins.slice", "builtins.range", "builtins.int", "builtins.float", "builtins.bool", "builtins.str", "builtins.tuple",
            "builtins.object", "builtins.memoryview",
        "builtins.Ellipsis", "builtins.NotImplemented", "__builtin__.slice", "__builtin__.xrange", "__builtin__.range", "__builtin__.long",
            "__builtin__.int", "__builtin__.float",
        "__builtin__.unicode", "__builtin__.str", "__builtin__.tuple", "__builtin__.object", "array.array", "array._array_reconstructor",
        "collections.ChainMap", "collections.UserDict", "collections.UserList", "collections.UserString", "types.SimpleNamespace",
            "types.MappingProxyType",
        "ipaddress.IPv4Address", "ipaddress.IPv6Address", "random.Random", "_random.Random", "copyreg._reconstructor",
            "copy_reg._reconstructor",
        "numpy.random._pickle.__randomstate_ctor", "numpy.random._pickle.__generator_ctor", "numpy.random._pickle.__bit_generator_ctor",
        "numpy.random.mtrand.RandomState", "numpy.random.__RandomState_ctor", "numpy.datetime64", "numpy.timedelta64",
            "numpy.core.multiarray._reconstruct", "numpy.ma.core._mareconstruct",
        "torch.Generator", "torch._C.Generator", "torch._utils._rebuild_qscheme", "torch.memory_format",
            "torch.serialization._get_memory_format", "torch.finfo", "torch.iinfo",
        "pandas._libs.tslibs.timestamps._unpickle_timestamp", "pandas._libs.tslibs.timedeltas._timedelta_unpickle",
    };

    /// <summary>Tensors of layouts that have no single strided storage, and what other devices wrote.</summary>
    private static readonly HashSet<string> Tensors = new(StringComparer.Ordinal)
    {
        "torch._utils._rebuild_qtensor", "torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_sparse_csr_tensor",
            "torch._utils._rebuild_nested_tensor",
        "torch._utils._rebuild_meta_tensor_no_storage", "torch._utils._rebuild_device_tensor_from_numpy",
            "torch._utils._rebuild_device_tensor_from_cpu_tensor",
        "torch._utils._rebuild_xla_tensor", "torch._utils._rebuild_wrapper_subclass",
    };

    /// <summary>Modules whose classes and functions do things: an enumeration is never there.</summary>
    private static readonly HashSet<string> Acting = new(StringComparer.Ordinal)
    {
        "os", "posix", "nt", "sys", "subprocess", "builtins", "__builtin__", "shutil", "socket", "ctypes", "_ctypes", "importlib", "runpy",
            "pty", "multiprocessing", "commands",
        "webbrowser", "code", "codeop", "timeit", "threading", "_thread", "asyncio", "http", "urllib", "urllib2", "ftplib", "smtplib",
            "ssl", "xmlrpc", "tempfile", "io", "_io", "pickle",
        "_pickle", "cPickle", "marshal", "types", "operator", "_operator", "functools", "inspect", "ast", "bdb", "pdb", "cProfile",
            "profile", "trace", "platform", "signal", "resource",
        "zipimport", "zipfile", "tarfile", "sqlite3", "shelve", "dbm", "logging", "pip", "setuptools", "distutils", "numpy", "torch",
            "joblib", "dill", "cloudpickle", "concurrent", "glob",
        "venv", "ensurepip", "idlelib", "test", "unittest", "doctest", "pydoc", "curses", "readline", "nturl2path", "site", "sysconfig",
            "atexit", "gc", "weakref", "mmap", "fcntl", "select",
        "selectors", "socketserver", "telnetlib", "poplib", "imaplib", "nntplib", "cgi", "wsgiref", "turtle", "tkinter", "antigravity",
            "requests", "aiohttp", "paramiko", "fabric",
        "pathlib", "copyreg", "copy_reg", "codecs", "_codecs", "linecache", "fileinput", "filecmp", "argparse", "optparse", "getopt",
            "cmd", "shlex", "imp", "pkgutil", "modulefinder",
    };

    /// <summary>A record in place of a call, or null where the call is not known to make a plain value.</summary>
    public static CheckpointObject? Record(string name, object?[] arguments) =>
        Values.Contains(name) || IsMember(name, arguments) ? new CheckpointObject(name, arguments) : null;

    /// <summary>Whether the function builds a tensor that has no strided storage.</summary>
    public static bool IsTensor(string name) => Tensors.Contains(name);

    /// <summary>An enumeration's member is pickled as a call of its class, named as classes are, with its value.</summary>
    private static bool IsMember(string name, object?[] arguments)
    {
        var dot = name.LastIndexOf('.');
        return dot > 0 && dot + 1 < name.Length && char.IsAsciiLetterUpper(name[dot + 1])
            && arguments is [string or long] && !Acting.Contains(name.Split('.', 2)[0])
            && name.AsSpan(dot + 1).ContainsAnyInRange('a', 'z');
    }
}
