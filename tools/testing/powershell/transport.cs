// SPDX-License-Identifier: GPL-2.0-or-later
//
// A transport for PowerShell's own client: PowerShell Direct over the UNIX sockets of
// hv_psdirect_daemon --test-sockets, or of a machine of hvsim. Both handshakes are
// Microsoft's code, which takes any socket; only what dials it is ours.
//
// Compiled by Add-Type, see common.ps1. It is for tests: a Windows host has its own.
using System;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Remoting;
using System.Management.Automation.Remoting.Client;
using System.Management.Automation.Runspaces;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace HypervIcs
{
    // The handshakes of RemoteSessionHyperVSocketClient, and its server's half.
    public static class Handshake
    {
        private const string Space = "System.Management.Automation.Remoting.";
        private const BindingFlags Statics =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static;

        private static object Call(string type, string method, params object[] arguments)
        {
            Type owner = typeof(PSObject).Assembly.GetType(Space + type, true);
            MethodInfo found = owner.GetMethod(method, Statics);

            if (found == null)
                throw new MissingMethodException(type, method);
            try
            {
                return found.Invoke(null, arguments);
            }
            catch (TargetInvocationException e)
            {
                // what it says is what a person at a host would read
                throw e.InnerException;
            }
        }

        // Returns the token, or null when there is none: in V1, and of an old guest.
        public static string Broker(Socket socket, NetworkCredential credential,
                                    string configuration, bool legacy, out bool accepted)
        {
            var answer = ((bool, string))Call("RemoteSessionHyperVSocketClient",
                "ExchangeCredentialsAndConfiguration", credential, configuration, socket, legacy);

            accepted = answer.Item1;
            return answer.Item2;
        }

        public static void Server(Socket socket, string token)
        {
            Call("RemoteSessionHyperVSocketClient", "PerformTransportVersionAndTokenExchange",
                 socket, token);
        }

        // What powershell.exe does in a Windows guest; throws when the token is a wrong one.
        public static void Validate(Socket socket, string token, DateTimeOffset created,
                                    int minutes)
        {
            Call("RemoteSessionHyperVSocketServer", "ValidateToken", socket, token, created,
                 minutes);
        }
    }

    // Reaches the two services, by the names of a daemon's test sockets.
    public static class Dial
    {
        public static Socket Open(string path)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }

        // "broker" or "server", in the directory of a daemon or of a machine.
        public static Socket Service(string directory, string name)
        {
            string machine = Path.Combine(directory, "vsock.sock");

            if (!File.Exists(machine))
                return Open(Path.Combine(directory, name + ".sock"));
            string guid = name == "broker" ? "999e53d4-3d5c-4c3e-8779-bed06ec056e1" :
                                             "a5201c21-2770-4c11-a68e-f182edb29220";
            Socket socket = Open(machine);
            socket.Send(Encoding.ASCII.GetBytes("CONNECT " + guid + "\n"));
            var answer = new StringBuilder();
            var one = new byte[1];
            while (socket.Receive(one) == 1 && one[0] != (byte)'\n')
                answer.Append((char)one[0]);
            if (!answer.ToString().StartsWith("OK "))
                throw new IOException("no program in the guest listens on " + guid);
            return socket;
        }

        // Both handshakes; the session's socket.
        public static Socket Session(string directory, NetworkCredential credential, bool legacy)
        {
            string token;
            bool accepted;

            using (Socket broker = Service(directory, "broker"))
                token = Handshake.Broker(broker, credential, null, legacy, out accepted);
            if (!accepted)
                throw new PSRemotingTransportException("the guest is an old one");
            Socket server = Service(directory, "server");
            if (token != null)
                Handshake.Server(server, token);
            return server;
        }
    }

    public sealed class ConnectionInfo : RunspaceConnectionInfo
    {
        public string Directory { get; }
        public bool Legacy { get; }
        public override string ComputerName { get; set; } = "hvsim";
        public override PSCredential Credential { get; set; }
        public override AuthenticationMechanism AuthenticationMechanism { get; set; }
        public override string CertificateThumbprint { get; set; } = string.Empty;

        public ConnectionInfo(string directory, PSCredential credential, bool legacy)
        {
            Directory = directory;
            Credential = credential;
            Legacy = legacy;
        }

        public override RunspaceConnectionInfo Clone()
        {
            return new ConnectionInfo(Directory, Credential, Legacy);
        }

        public override BaseClientSessionTransportManager CreateClientSessionTransportManager(
            Guid instanceId, string sessionName, PSRemotingCryptoHelper cryptoHelper)
        {
            return new Transport(this, instanceId, cryptoHelper);
        }
    }

    internal sealed class Transport : ClientSessionTransportManagerBase
    {
        private const string Prefix = "__HyperVSocketError__:";
        private readonly ConnectionInfo info;
        private Socket socket;
        private volatile bool closed;

        internal Transport(ConnectionInfo info, Guid id, PSRemotingCryptoHelper crypto)
            : base(id, crypto)
        {
            this.info = info;
        }

        public override void CreateAsync()
        {
            socket = Dial.Session(info.Directory, info.Credential.GetNetworkCredential(),
                                  info.Legacy);
            var stream = new NetworkStream(socket);
            SetMessageWriter(new LineWriter(stream));
            var reader = new StreamReader(stream, new UTF8Encoding(false));
            new Thread(() => Read(reader)) { IsBackground = true }.Start();
        }

        private void Read(StreamReader reader)
        {
            string why = "The Hyper-V socket target process has ended.";

            try
            {
                string line;
                SendOneItem();
                while ((line = reader.ReadLine()) != null)
                {
                    if (line.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                        HandleErrorDataReceived(line.Substring(Prefix.Length));
                    else
                        HandleOutputDataReceived(line);
                }
            }
            catch (Exception e)
            {
                why = e.Message;
            }
            // from a task: it leads to CleanupConnection()
            if (!closed)
                Task.Run(() => RaiseErrorHandler(new TransportErrorOccuredEventArgs(
                    new PSRemotingTransportException(why),
                    TransportMethodEnum.ReceiveShellOutputEx)));
        }

        protected override void CleanupConnection()
        {
            closed = true;
            socket?.Dispose();
        }

        protected override void Dispose(bool isDisposing)
        {
            if (isDisposing)
                CleanupConnection();
            base.Dispose(isDisposing);
        }
    }

    // Whole lines at once, and the only error that the transport's base understands.
    internal sealed class LineWriter : StreamWriter
    {
        internal LineWriter(Stream to) : base(to, new UTF8Encoding(false))
        {
            AutoFlush = true;
            NewLine = "\n";
        }

        public override void WriteLine(string line)
        {
            try
            {
                base.WriteLine(line);
            }
            catch (ObjectDisposedException e)
            {
                throw new IOException(e.Message, e);
            }
        }
    }
}
