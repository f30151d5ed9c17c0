import globalAxios, { type AxiosInstance, type AxiosPromise, type RawAxiosRequestConfig } from 'axios';
import type { Customer, Customers } from './customer-client.ts';

/**
 * A client in the shape of those that the generator `typescript-axios` of openapi-generator writes. Written by hand, because that generator
 * needs Java. What matters here are the three parameters of the constructor.
 */
export class CustomersApi {
  protected readonly basePath: string;
  protected readonly axios: AxiosInstance;

  constructor(configuration?: { basePath?: string }, basePath?: string, axios: AxiosInstance = globalAxios) {
    this.basePath = configuration?.basePath ?? basePath ?? 'https://api.example.com';
    this.axios = axios;
  }

  listCustomers(options: RawAxiosRequestConfig = {}): AxiosPromise<Customers> {
    return this.request({ method: 'GET', ...options, url: '/customers' });
  }

  createCustomer(customer: Pick<Customer, 'name'>, options: RawAxiosRequestConfig = {}): AxiosPromise<Customer> {
    const headers = { 'Content-Type': 'application/json', ...options.headers };
    return this.request({ method: 'POST', ...options, headers, data: JSON.stringify(customer), url: '/customers' });
  }

  private request<T>(args: RawAxiosRequestConfig & { url: string }): AxiosPromise<T> {
    return this.axios.request({ ...args, url: this.basePath.replace(/\/+$/, '') + args.url });
  }
}
