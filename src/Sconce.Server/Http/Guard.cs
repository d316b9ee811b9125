using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sconce.Server.Requests;

namespace Sconce.Server.Http;

/// <summary>
/// Who may ask: whoever has the key, where there is one. Without one only this machine's own programs may, and no page of another
/// server through a browser that runs here (which would name another host, or another origin).
/// </summary>
internal sealed class Guard(ServerSettings settings)
{
    private readonly byte[]? key = settings.Key is { } known ? SHA256.HashData(Encoding.UTF8.GetBytes(known)) : null;

    /// <summary>Lets a request in, or not.</summary>
    /// <exception cref="RequestException">Not.</exception>
    public void Admit(HttpRequest request)
    {
        if (!settings.Open && settings.IsLoopback && !IsLocal(request.Host.Host))
            throw new RequestException(421, "this server answers at localhost alone");
        if (request.Headers.Origin.ToString() is { Length: > 0 } origin && !IsOwn(origin, request))
            throw new RequestException(403, "pages of other servers may not ask this one");
        if (key is null || IsPublic(request)) return;
        if (Given(request) is not { } given
            || !CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), key))
            throw new RequestException(401, "a key is needed: Authorization: Bearer KEY, or X-API-Key: KEY");
    }

    private static string? Given(HttpRequest request)
    {
        const string bearer = "Bearer ";
        string authorization = request.Headers.Authorization.ToString();
        if (IsLookedAt(request) && Password(authorization) is { } password) return password;
        return authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase) ? authorization[bearer.Length..].Trim()
            : request.Headers["X-API-Key"] is [{ } own] ? own : null;
    }

    /// <summary>Whether an address is opened by a browser itself, which sends a key as the password that it asked a person for.</summary>
    public static bool IsLookedAt(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Path.StartsWithSegments(Pages.RunPages.Place, StringComparison.Ordinal);

    private static string? Password(string authorization)
    {
        const string basic = "Basic ";
        if (!authorization.StartsWith(basic, StringComparison.OrdinalIgnoreCase)) return null;
        byte[] bytes = new byte[authorization.Length];
        return Convert.TryFromBase64String(authorization[basic.Length..].Trim(), bytes, out int length)
            && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [_, var password] ? password : null;
    }

    /// <summary>Pages hold nothing of anybody's, and ask for the key; whether the server lives is nobody's secret.</summary>
    private static bool IsPublic(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
            && (Pages.Page.IsOne(request.Path) || request.Path.StartsWithSegments("/v2/health", StringComparison.Ordinal));

    private static bool IsLocal(string host) =>
        host is "localhost"
            || (System.Net.IPAddress.TryParse(host.Trim('[', ']'), out var address) && System.Net.IPAddress.IsLoopback(address));

    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var known)
            && known.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
