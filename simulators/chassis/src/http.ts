/**
 * simulator · http: a mount on a real port of this machine, plain or TLS, with every edge fault.
 */
import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { issueCertificate, mintAuthority } from './certificates.ts';
import type { FaultRule } from './faults.ts';
import { createHost, type Host, type MountOptions } from './host.ts';
import { attend, defaultMaxRequestBytes, limits, type Reception } from './reception.ts';
import type { Secure, SimulatorFactory } from './simulator.ts';
import { createDoor, createSite, type Door, type Site } from './site.ts';
import { socketTransport } from './socket-transport.ts';

export interface HttpMountOptions extends MountOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** `true` mints an authority and a certificate; or bring both as PEM. */
  readonly tls?: boolean | { readonly key: string; readonly certificate: string };
  /** With TLS: clients present a certificate of this authority. */
  readonly mutualTls?: MutualTls;
  /** A TLS listener beside the plain one, for the same simulator: `site.secure` tells where. */
  readonly tlsBeside?: boolean;
  /** Cap of a request body. Default 1 MiB. */
  readonly maxBodyBytes?: number;
}

export interface MutualTls {
  /** PEM; a function is asked once the simulator is made. */
  readonly authority: string | (() => string);
  /** Clients without a certificate, or with a stranger's, are let in and told apart later. */
  readonly optional?: boolean;
}

interface Identity {
  readonly key: string;
  readonly certificate: string;
  readonly authority?: string;
}

async function mintIdentity(host: string): Promise<Identity> {
  const now = Date.now();
  const subject = { organization: 'Polyrail simulator', commonName: 'Polyrail simulator CA' };
  const authority = await mintAuthority({ subject, now });
  const hosts = [...new Set(['localhost', '127.0.0.1', '::1', host])];
  const issued = await issueCertificate(authority, {
    subject: { commonName: 'localhost' },
    usage: 'server',
    hosts,
    now,
  });
  const { privateKeyPem, certificatePem } = issued;
  return {
    key: privateKeyPem,
    certificate: certificatePem,
    authority: authority.certificatePem,
  };
}

async function identityOf(options: HttpMountOptions): Promise<Identity | undefined> {
  const { tls, host = '127.0.0.1' } = options;
  if (tls === undefined || tls === false) return undefined;
  return tls === true ? mintIdentity(host) : { ...tls };
}

function listenOn(server: NetServer, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      server.unref();
      resolve(server.address() as AddressInfo);
    });
  });
}

function createTlsListener({ key, certificate }: Identity, mutualTls: MutualTls | undefined) {
  const { authority, optional = false } = mutualTls ?? {};
  const asked = mutualTls && { requestCert: true, rejectUnauthorized: !optional };
  const known = typeof authority === 'string' ? { ca: authority } : {};
  return createTlsServer({ ...limits, key, cert: certificate, ...asked, ...known });
}

/** Tells a TLS listener whose clients it knows, once that is decided. */
function trustClients(server: NetServer, { key, certificate }: Identity, trusted?: MutualTls) {
  if (typeof trusted?.authority !== 'function' || !(server instanceof TlsServer)) return;
  server.setSecureContext({ key, cert: certificate, ca: trusted.authority() });
}

interface Listening {
  readonly server: HttpServer;
  readonly url: string;
  close(): Promise<void>;
}

/** Opens a listener and brings what arrives there to the simulator. */
async function receive(
  server: HttpServer,
  reception: Reception,
  { host: bind = '127.0.0.1', port = 0 }: Pick<HttpMountOptions, 'host' | 'port'>,
): Promise<Listening> {
  const sockets = attend(server, reception);
  const address = await listenOn(server, port, bind);
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    server,
    url: `${server instanceof TlsServer ? 'https' : 'http'}://${name}:${address.port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Runs a simulator on a port. It does not keep the process alive by itself. */
export async function mountHttp<Credentials>(
  factory: SimulatorFactory<Credentials>,
  options: HttpMountOptions = {},
): Promise<Site<Credentials>> {
  const { host: bind = '127.0.0.1', maxBodyBytes = defaultMaxRequestBytes, mutualTls } = options;
  const identity = await identityOf(options);
  const server =
    identity === undefined ? createServer(limits) : createTlsListener(identity, mutualTls);
  let host: Host<Credentials> | undefined;
  let secure: Secure | undefined;
  const refuses = () => host?.refuses() ?? false;
  let opened: Promise<Door> | undefined;
  const door = () => {
    opened ??= ready.then((made) => createDoor(made, []));
    return opened;
  };
  const reception: Reception = { door, refuses, maxBodyBytes };
  const listening: Listening[] = [await receive(server, reception, options)];
  const url = listening[0]?.url ?? '';
  const close = async () => void (await Promise.all(listening.map((one) => one.close())));
  // A refusal concerns new connections: pooled idle ones must not carry the next request.
  const onArm = (rule: FaultRule) => {
    if (rule.fault !== 'refuse-connection') return;
    for (const one of listening) one.server.closeIdleConnections();
  };
  const authority = identity?.authority;
  const places = { baseUrl: () => url, secure: () => secure };
  const ready = createHost(factory, { ...options, ...places, onArm, authority });
  try {
    host = await ready;
    if (identity !== undefined) {
      trustClients(server, identity, mutualTls);
      secure = { url, authority: identity.authority ?? identity.certificate };
    } else if (options.tlsBeside === true) {
      const minted = await mintIdentity(bind);
      const beside = createTlsListener(minted, mutualTls);
      trustClients(beside, minted, mutualTls);
      listening.push(await receive(beside, reception, { host: bind }));
      secure = { url: listening[1]?.url ?? '', authority: minted.authority ?? '' };
    }
  } catch (error) {
    await close();
    throw error;
  }
  const trust = authority === undefined ? {} : { authority };
  const transport = socketTransport({ origin: url, ...trust });
  const tls = secure === undefined ? {} : { secure };
  return createSite(host, { url, transport, ...trust, ...tls, stop: close });
}
